"""Split of rows: equal rows on one side, and every row on its side for ever."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from functions.core.definition import Split
from functions.core.errors import InvalidInputError
from functions.core.schema import Feature, Schema, Table
from model_export.split import split_rows, take_rows

SCHEMA = Schema(
    features=(Feature("a", "string", nullable=True), Feature("b", "number", nullable=True), Feature("c", "integer")),
    target=Feature("y", "number"),
)
Row = tuple[Any, ...]
ANCHORS: list[Row] = [("anchor", float(number), number, 0.5) for number in range(40)]
"""Enough rows that no side stays empty."""

rows_of_few_values = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", None]),
        st.sampled_from([0, 0.0, -0.0, 1, 1.0, None]),
        st.integers(0, 2),
        st.sampled_from([0, 1.0]),
    ),
    max_size=12,
)


def table_of(rows: list[Row]) -> Table:
    return {name: [row[place] for row in rows] for place, name in enumerate("abcy")}


def sides(rows: list[Row], split: Split | None = None) -> list[bool]:
    """True for each row that is set aside for evaluation."""
    training, evaluation = split_rows(table_of(rows), SCHEMA, split or Split())
    assert sorted([*training.tolist(), *evaluation.tolist()]) == list(range(len(rows)))
    return [row in set(evaluation.tolist()) for row in range(len(rows))]


@given(rows_of_few_values)
def test_equal_rows_are_on_one_side(rows: list[Row]) -> None:
    found: dict[Row, bool] = {}
    rows = ANCHORS + rows
    for row, side in zip(rows, sides(rows), strict=True):
        assert found.setdefault(row, side) == side


@given(rows_of_few_values, rows_of_few_values)
def test_a_row_keeps_its_side_in_a_larger_table(before: list[Row], after: list[Row]) -> None:
    middle = sides(before + ANCHORS + after)[len(before) : len(before) + len(ANCHORS)]
    assert middle == sides(ANCHORS)


@given(st.permutations(range(len(ANCHORS))))
def test_the_order_of_the_rows_does_not_matter(order: list[int]) -> None:
    before = sides(ANCHORS)
    assert sides([ANCHORS[place] for place in order]) == [before[place] for place in order]


def test_the_side_is_the_same_on_every_machine() -> None:
    rows: list[Row] = [("ñ", 1.5, 2, 3.0), (None, None, 0, 0.0), *ANCHORS]
    assert [row for row, side in enumerate(sides(rows)) if side] == [0, 3, 29, 34]


@given(rows_of_few_values, st.floats(0, 1, exclude_min=True, exclude_max=True), st.integers(0, 2**63 - 1))
def test_a_side_follows_from_the_digest_of_the_row_as_json(rows: list[Row], test_size: float, seed: int) -> None:
    rows = ANCHORS + rows
    threshold = int(test_size * 2**64)
    expected = [digest_of(row, seed) < threshold for row in rows]
    assume(any(expected) and not all(expected))
    assert sides(rows, Split(test_size=test_size, seed=seed)) == expected


def digest_of(row: Row, seed: int) -> int:
    """The digest as it was made one row at a time: numbers as floats, zero without a sign."""
    a, b, c, y = row
    numbers = [None if one is None else float(one) + 0.0 for one in (b, y)]
    body = orjson.dumps([a, numbers[0], c, numbers[1]])
    return int.from_bytes(hashlib.blake2b(body, digest_size=8, key=str(seed).encode()).digest(), "big")


def test_the_order_of_the_columns_and_other_columns_do_not_matter() -> None:
    table = table_of(ANCHORS)
    other: Table = {**dict(reversed(table.items())), "unused": list(range(len(ANCHORS)))}
    for one, another in zip(split_rows(table, SCHEMA, Split()), split_rows(other, SCHEMA, Split()), strict=True):
        assert one.tolist() == another.tolist()


@pytest.mark.parametrize("test_size", [0.1, 0.2, 0.5, 0.9])
def test_the_share_is_near_test_size(test_size: float) -> None:
    rows: list[Row] = [("x", float(number), number, 1.0) for number in range(4000)]
    share = np.mean(sides(rows, Split(test_size=test_size)))
    assert share == pytest.approx(test_size, abs=4 * (test_size * (1 - test_size) / 4000) ** 0.5)


def test_a_larger_share_holds_the_smaller_one() -> None:
    small, large = sides(ANCHORS, Split(test_size=0.3)), sides(ANCHORS, Split(test_size=0.6))
    assert all(in_large for in_small, in_large in zip(small, large, strict=True) if in_small)
    assert sum(large) > sum(small)


def test_another_seed_is_another_split() -> None:
    assert sides(ANCHORS, Split(seed=1)) != sides(ANCHORS, Split(seed=2))


def test_random_is_scikit_learns() -> None:
    split = Split("random", 0.25, 7)
    training, evaluation = split_rows(table_of(ANCHORS), SCHEMA, split)
    expected = train_test_split(np.arange(len(ANCHORS)), test_size=0.25, random_state=7)
    assert training.tolist() == expected[0].tolist()
    assert evaluation.tolist() == expected[1].tolist()


@pytest.mark.parametrize("method", ["hash", "random"])
@pytest.mark.parametrize("count", [0, 1])
def test_too_few_rows_are_refused(method: Any, count: int) -> None:
    with pytest.raises(InvalidInputError, match=f"{count} labelled instances are too few") as caught:
        split_rows(table_of(ANCHORS[:count]), SCHEMA, Split(method))
    assert caught.value.faults[0].type == "too_short"


@pytest.mark.parametrize("method", ["hash", "random"])
def test_a_side_is_never_left_empty(method: Any) -> None:
    with pytest.raises(InvalidInputError, match="2 labelled instances are too few"):
        split_rows(table_of([ANCHORS[0]] * 2), SCHEMA, Split(method, test_size=0.9))


def test_rows_that_are_few_because_they_are_equal_are_called_so() -> None:
    with pytest.raises(InvalidInputError, match=r"60 labelled instances are too few .*: only 1 differ"):
        split_rows(table_of([ANCHORS[0]] * 60), SCHEMA, Split())


def test_rows_are_taken_in_the_order_asked_for() -> None:
    table: Table = {"a": ["x", "y", "z"], "b": [1, None, 3]}
    assert take_rows(table, np.array([2, 0, 2])) == {"a": ["z", "x", "z"], "b": [3, 1, 3]}
    assert take_rows(table, np.array([], dtype=np.int64)) == {"a": [], "b": []}
