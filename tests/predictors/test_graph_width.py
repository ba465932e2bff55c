"""The width of a graph by what its nodes read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from functions.predictors.graph_parts import GraphParts
from functions.predictors.graph_width import graph_width
from tests.predictors.string_graphs import graph_of, label_encoder, node

ONE_HOT = [
    label_encoder("strings", "ids", {"a": 0, "b": 1}, 2),
    node("Gather", "ids columns", "spread", axis=1),
    node("Equal", "spread levels", "y"),
]


@pytest.mark.parametrize(
    ("nodes", "constants", "width"),
    [
        (ONE_HOT, {"columns": np.zeros(700, np.int64), "levels": np.arange(700)}, 700),
        ([node("Gemm", "numbers weights", "y")], {"weights": np.zeros((3, 50))}, 50),
        ([node("Gemm", "numbers weights", "y")], {"weights": np.zeros((50, 3))}, 50),
        ([node("GreaterOrEqual", "numbers places", "y")], {"places": np.zeros((1, 90))}, 90),
        ([node("Identity", "numbers", "y")], {}, 1),
        ([node("Sub", "numbers empty", "y")], {"empty": np.zeros((1, 0))}, 1),
    ],
)
def test_the_width_is_the_longest_side_of_a_constant(nodes: list[Any], constants: dict[str, Any], width: int) -> None:
    assert graph_width(GraphParts.of(graph_of(nodes, constants, ["y"]))) == width


def test_a_table_that_is_looked_up_and_a_constant_that_is_not_read_are_no_width() -> None:
    nodes = [label_encoder("strings", "ids", {"a": 0}, 1), node("Gather", "table ids", "y", axis=0)]
    constants = {"table": np.zeros(5000), "other": np.zeros(9000)}
    assert graph_width(GraphParts.of(graph_of(nodes, constants, ["y"]))) == 1
