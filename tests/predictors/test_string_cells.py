"""Which tensors depend on one string of their row, and which graphs are left alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from functions.predictors.graph_parts import GraphParts
from functions.predictors.string_cells import MixedCellsError, StringNodes, string_nodes
from tests.predictors.string_graphs import graph_of, label_encoder, node, words_graph

ENCODED = label_encoder("x", "ids", {"a": 1}, 0)
READ = node("Neg", "ids", "y")
CONSTANTS: Mapping[str, Any] = {
    "zero": np.array([0]),
    "last": np.array(-1),
    "last_column": np.array([-1]),
    "place": np.array(0),
    "two": np.array([0, 0]),
    "word": ["a"],
    "words": ["a", "b"],
    "column": [["a"], ["b"]],
    "numbers_too": np.array([[True, False]]),
    "shape": np.array([-1, 1]),
}


def found(*nodes: Any, width: int = 2, outputs: tuple[str, ...] = ("y",)) -> StringNodes:
    return string_nodes(GraphParts.of(graph_of(nodes, CONSTANTS, outputs)), "strings", width)


def test_each_place_of_a_tensor_names_its_column() -> None:
    cells = string_nodes(GraphParts.of(words_graph()), "strings", 3)
    assert {name: one.columns for name, one in cells.numbers.items()} == {
        "mean": (1,),
        "counts": (1,),
        "missing": (2, 0),
        "ids": (2, 0),
    }
    assert {one.op_type for one in cells.others} == {"Cast", "Concat"}


@pytest.mark.parametrize(
    ("nodes", "columns"),
    [
        ([node("Identity", "strings", "x")], (0, 1)),
        ([node("Concat", "strings strings", "x", axis=1)], (0, 1, 0, 1)),
        ([node("Gather", "strings two", "x", axis=-1)], (0, 0)),
        ([node("StringConcat", "strings word", "x")], (0, 1)),
        ([node("StringConcat", "strings words", "x")], (0, 1)),
        ([node("StringConcat", "strings strings", "x")], (0, 1)),
        ([label_encoder("strings", "x", {"b": "a"}, "c")], (0, 1)),
        ([node("Where", "numbers_too strings word", "x")], (0, 1)),
    ],
)
def test_operators_that_keep_strings_apart_are_followed(nodes: list[Any], columns: tuple[int, ...]) -> None:
    assert found(*nodes, ENCODED, READ).numbers["ids"].columns == columns


@pytest.mark.parametrize(
    "nodes",
    [
        [node("Reshape", "strings shape", "x"), ENCODED, READ],
        [node("Gather", "strings zero", "x", axis=0), ENCODED, READ],
        [node("Gather", "strings last_column", "x", axis=1), ENCODED, READ],
        [node("Gather", "strings place", "x", axis=1), ENCODED, READ],
        [node("Identity", "strings", "chosen"), node("Gather", "words chosen", "x", axis=0), ENCODED, READ],
        [READ, ENCODED, node("Identity", "strings", "x")],
        [node("Identity", "chosen", "x"), node("Identity", "strings", "chosen"), ENCODED, READ],
        [node("Concat", "strings strings", "x", axis=0), ENCODED, READ],
        [node("Concat", "strings words", "x", axis=1), ENCODED, READ],
        [node("StringConcat", "strings column", "x"), ENCODED, READ],
        [node("Gather", "strings zero", "one", axis=1), node("StringConcat", "one words", "x"), ENCODED, READ],
        [node("Gather", "strings zero", "one", axis=1), node("StringConcat", "strings one", "x"), ENCODED, READ],
        [node("StringSplit", "strings", "parts n"), node("Gather", "parts last", "x", axis=2), ENCODED, READ],
        [node("StringSplit", "strings", "parts n"), node("StringSplit", "parts", "x m"), ENCODED, READ],
        [node("StringSplit", "strings", "parts n"), node("Concat", "parts parts", "x", axis=1), ENCODED, READ],
        [node("StringSplit", "strings", "parts n"), node("StringConcat", "parts words", "x"), ENCODED, READ],
        [node("StringSplit", "strings", "x n"), ENCODED, READ],
        [node("IsNaN", "numbers", "nan"), node("Where", "nan strings word", "x"), ENCODED, READ],
        [node("Shape", "strings", "ids"), READ],
        [node("Neg", "numbers", "y")],
    ],
)
def test_strings_that_meet_others_leave_the_graph_as_it_is(nodes: list[Any]) -> None:
    with pytest.raises(MixedCellsError):
        found(*nodes)


@pytest.mark.parametrize("output", ["x", "ids"])
def test_an_output_that_is_made_of_strings_alone_leaves_the_graph_as_it_is(output: str) -> None:
    with pytest.raises(MixedCellsError):
        found(node("Identity", "strings", "x"), ENCODED, READ, outputs=("y", output))


def test_a_graph_that_takes_no_strings_or_is_not_plain_is_left_as_it_is() -> None:
    numbers = GraphParts.of(graph_of([node("Neg", "numbers", "y")], {}, ["y"]))
    with pytest.raises(MixedCellsError):
        string_nodes(numbers, "texts", 1)
    branched = [ENCODED, node("Scan", "ids", "y", num_scan_inputs=1)]
    with pytest.raises(MixedCellsError):
        found(node("Identity", "strings", "x"), *branched)
