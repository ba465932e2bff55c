"""Strings coded before the graph: the same numbers as from the whole graph, whatever comes, and in whatever order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.errors import DamagedVersionError
from functions.core.schema import Feature, Schema
from functions.predictors import coded_strings
from functions.predictors.coded_strings import STRINGS, CodedStrings, open_coded
from functions.predictors.graph_parts import GraphParts
from functions.predictors.session import open_session
from tests.predictors.string_graphs import graph_of, label_encoder, node, words_graph

SCHEMA = Schema(
    (
        Feature("zero", "string", nullable=True, levels=("a", "b")),
        Feature("one", "string", categorical=False),
        Feature("number", "number"),
        Feature("two", "string", nullable=True, allowed=("a", "ñ 日本", "c")),
    ),
    Feature("y", "number"),
)
GRAPH = words_graph()
WHOLE = open_session(GRAPH)
Row = tuple[str | None, ...]


def whole(rows: Sequence[Row], session: Any = WHOLE) -> Any:
    strings = np.array([[one or "" for one in row] for row in rows], dtype=object).reshape(len(rows), -1)
    return session.run(None, {STRINGS: strings, "numbers": np.arange(len(rows), dtype=np.float64).reshape(-1, 1)})[0]


class Coded:
    """The graph with its strings apart."""

    def __init__(self, graph: bytes = GRAPH, schema: Schema = SCHEMA) -> None:
        strings, self._session = open_coded(graph, GraphParts.or_none(graph), schema)
        assert isinstance(strings, CodedStrings)
        self.strings = strings
        assert STRINGS not in {one.name for one in self._session.get_inputs()}

    def __call__(self, rows: Sequence[Row]) -> Any:
        columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[], [], []]
        numbers = np.arange(len(rows), dtype=np.float64).reshape(-1, 1)
        return self._session.run(None, {**self.strings.inputs(columns), "numbers": numbers})[0]


CODED = Coded()
texts = st.sampled_from([None, "a", "b", "c", "ñ 日本", "Alfa", "Opel Astra GTC", "A", "x" * 65, "Opel\tAstra"])
hostile = texts | st.text(min_size=1, max_size=70)


@given(st.lists(st.tuples(hostile, hostile, hostile), min_size=1, max_size=12))
def test_the_graph_gives_the_same_as_with_its_strings(rows: list[Row]) -> None:
    for _ in range(2):  # the second time from what the first one left
        np.testing.assert_array_equal(CODED(rows), whole(rows))


def test_a_table_without_rows_has_no_numbers() -> None:
    assert CODED([]).shape == (0, 7)


def test_a_single_row_is_what_it_is_among_others() -> None:
    rows: list[Row] = [("a", "Alfa 33", None), (None, "Seat", "ñ 日本"), ("no level", "Opel", "c")]
    np.testing.assert_array_equal(np.concatenate([CODED([row]) for row in rows])[:, :3], whole(rows)[:, :3])


def calls_of(coded: Coded, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of rows of strings that went into the graph's nodes since."""
    calls: list[int] = []
    run = coded.strings._run

    def counted(used: Any) -> Any:
        calls.append(max(map(len, used)))
        return run(used)

    monkeypatch.setattr(coded.strings, "_run", counted)
    return calls


def test_levels_are_computed_once_and_other_strings_when_they_first_come(monkeypatch: pytest.MonkeyPatch) -> None:
    coded = Coded()
    calls = calls_of(coded, monkeypatch)
    coded([("a", None, "c"), (None, None, "a"), ("b", None, "ñ 日本")])
    assert calls == []
    rows: list[Row] = [("z", "Alfa", "c"), ("z", "Alfa 33", "a"), ("z", "Opel", "other")]
    for _ in range(3):
        coded(rows)
    assert calls == [3]
    coded([*rows, ("z", "Seat", "c")])
    assert calls == [3, 1]


def test_other_strings_are_forgotten_when_there_is_no_room_and_answers_stay_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(coded_strings, "MOST_OTHERS", 4)
    coded = Coded()
    calls = calls_of(coded, monkeypatch)
    for first in range(0, 60, 3):
        rows: list[Row] = [("a", f"Opel {number % 20}", None) for number in range(first, first + 3)]
        np.testing.assert_array_equal(coded(rows), whole(rows))
    assert max(calls) == 3
    many: list[Row] = [("b", f"Alfa {number}", "c") for number in range(9)]
    np.testing.assert_array_equal(coded(many), whole(many))
    assert calls[-1] == 9  # too many to keep: the rows as they are


def test_a_long_string_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    coded = Coded()
    calls = calls_of(coded, monkeypatch)
    rows: list[Row] = [("a", "Opel " + "x" * 60, "c")] * 2
    for _ in range(2):
        np.testing.assert_array_equal(coded(rows), whole(rows))
    assert calls == [2, 2]


def test_levels_beyond_the_room_for_them_come_like_other_strings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coded_strings, "MOST_LEVEL_CELLS", 14)
    coded = Coded()
    rows: list[Row] = [("a", "Alfa", "c"), ("b", "Opel", "a"), (None, "Seat", "ñ 日本")]
    for part in (rows[:1], rows, rows[2:]):
        np.testing.assert_array_equal(coded(part), whole(part))


def test_threads_that_bring_other_strings_get_their_own_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coded_strings, "MOST_OTHERS", 16)
    coded = Coded()
    rows: list[Row] = [("b", f"{'Opel' if number % 3 else 'Alfa'} {number}", str(number % 5)) for number in range(90)]
    expected = whole(rows)[:, [0, 1, 2, 4, 5, 6]]
    begin = threading.Barrier(4)

    def ask(step: int) -> bool:
        begin.wait()
        starts = [(first * step) % 81 for first in range(200)]
        answers = ((first, coded(rows[first : first + 9])[:, [0, 1, 2, 4, 5, 6]]) for first in starts)
        return all(np.array_equal(found, expected[first : first + 9]) for first, found in answers)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, [1, 5, 7, 11]))


def _as_it_is(graph: bytes, schema: Schema = SCHEMA) -> bool:
    strings, session = open_coded(graph, GraphParts.or_none(graph), schema)
    return strings is None and STRINGS in {one.name for one in session.get_inputs()}


def test_a_graph_whose_strings_cannot_be_taken_apart_stays_as_it_is() -> None:
    assert _as_it_is(graph_of([node("Identity", "strings", "label")], {}, ["label"], inputs=1))


@pytest.mark.parametrize("damage", [lambda graph: graph[:-9], lambda graph: b"not a graph", lambda graph: b""])
def test_a_damaged_graph_is_refused_as_any_other(damage: Callable[[bytes], bytes]) -> None:
    graph = damage(GRAPH)
    with pytest.raises(DamagedVersionError, match=r"model\.onnx cannot be run"):
        open_coded(graph, GraphParts.or_none(graph), SCHEMA)


def test_a_graph_of_more_strings_than_the_schema_has_stays_as_it_is() -> None:
    fewer = Schema((Feature("one", "string"),), Feature("y", "number"))
    assert _as_it_is(GRAPH, fewer)


def test_nodes_that_fail_on_some_levels_stay_in_the_graph() -> None:
    nodes = [
        node("StringSplit", "strings", "parts counts", delimiter=" "),
        node("Gather", "parts second", "word", axis=2),
        label_encoder("word", "ids", {"b": 1}, 0),
    ]
    schema = Schema((Feature("one", "string", levels=("a",)),), Feature("y", "number"))
    assert _as_it_is(graph_of(nodes, {"second": np.array(1)}, ["ids"], inputs=1), schema)


def test_numbers_of_several_types_keep_them() -> None:
    found = CODED.strings.inputs([["a"], ["Alfa 33"], ["c"]])
    assert {name: str(one.dtype) for name, one in found.items()} == {
        "mean": "float64",
        "ids": "int64",
        "missing": "bool",
        "counts": "int64",
    }
    assert all(one.flags.c_contiguous for one in found.values())
