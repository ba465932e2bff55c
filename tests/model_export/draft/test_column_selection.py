"""Columns that become features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from functions.core.errors import DefinitionError, InvalidInputError
from model_export.draft.column_selection import NOT_READ, one_text, reads_text, useful, without_ids
from model_export.draft.columns import TableColumn, column_of
from model_export.draft.estimator import Facts

ROWS = 60
TEXTS = [f"a text of many words, number {number}" for number in range(ROWS)]
LONGER = [f"{text}, and some more words" for text in TEXTS]
DAYS = [f"2024-01-{1 + number % 28:02d}" for number in range(ROWS)]
TEXT_FACTS = Facts(True, True, None, None)


def columns(table: Mapping[str, Sequence[Any]]) -> dict[str, TableColumn]:
    return {name: column_of(name, cells) for name, cells in table.items()}


def fitted_on(*names: str, read: Sequence[str] | None = None) -> Facts:
    return Facts(True, False, names, len(names), frozenset(names if read is None else read))


CODES = columns(
    {
        "code": [f"k{number}" for number in range(ROWS)],
        "other_id": list(range(ROWS)),
        "town": ["Cork", "Lyon"] * 30,
    }
)


def test_one_id_is_sent_back_and_others_are_left_out() -> None:
    notes: list[str] = []
    identity, others = without_ids(CODES, None, notes)
    assert identity is CODES["other_id"]  # its name says so, which counts for more than its place
    assert list(others) == ["town"]
    assert notes == [
        "other_id identifies the rows: it is sent back with predictions and never used",
        "code is left out: every row has its own value",
    ]


def test_a_column_that_the_pipeline_reads_is_no_id() -> None:
    identity, others = without_ids(CODES, fitted_on("other_id"), [])
    assert identity is CODES["code"]
    assert list(others) == ["other_id", "town"]


def test_a_table_without_ids_is_left_as_it_is() -> None:
    notes: list[str] = []
    assert without_ids({"town": CODES["town"]}, None, notes) == (None, {"town": CODES["town"]})
    assert notes == []


@pytest.mark.parametrize(
    ("name", "cells", "note"),
    [
        ("same", ["x"] * ROWS, "same is left out: all rows have the same value"),
        ("none", [""] * ROWS, "none is left out: it has no values"),
        (
            "day",
            ["01/02/2024", "02/03/2024"] * 30,
            "day is left out: its dates may be day-month-year or month-day-year: write them as in ISO 8601, such as "
            "2026-11-29",
        ),
        ("", list(range(ROWS)), "the column without a name is left out: it has no name in the header"),
        ("a\x1b[2J", ["x"] * ROWS, r"'a\x1b[2J' is left out: all rows have the same value"),
        ("x" * 300, ["x"] * ROWS, f"'{'x' * 57}...' is left out: all rows have the same value"),
    ],
)
def test_columns_that_cannot_help_are_left_out_with_the_reason(name: str, cells: list[Any], note: str) -> None:
    notes: list[str] = []
    assert list(useful(columns({name: cells, "age": range(ROWS)}), None, notes)) == ["age"]
    assert notes == [note]


TABLE = columns({"town": ["Cork", "Lyon"] * 30, "same": ["x"] * ROWS, "": range(ROWS), "price": range(ROWS)})


def test_a_pipeline_decides_on_columns_and_their_order() -> None:
    notes: list[str] = []
    assert list(useful(TABLE, fitted_on("price", "same"), notes)) == ["price", "same"]
    assert notes == ["not among the columns of the pipeline: town"]


def test_columns_that_a_pipeline_never_reads_may_be_left_out() -> None:
    found = useful(TABLE, fitted_on("town", "gone", "price", read=["price"]), [])
    assert {name: column.note for name, column in found.items()} == {"town": NOT_READ, "price": ""}


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        (
            fitted_on("town", "salary"),
            "fitted on salary, which the table lacks; it has town, same, '', price; --rename",
        ),
        (fitted_on("town "), "fitted on 'town ': spaces at the ends of a name are removed"),
        (Facts(True, False, None, 3), "fitted on 3 columns without names, and 4 are left of the table"),
        (Facts(False, False, None, 1), "fitted on a single column, and 4 are left of the table"),
    ],
)
def test_a_pipeline_of_another_table_is_refused(facts: Facts, message: str) -> None:
    with pytest.raises(DefinitionError) as refusal:
        useful(TABLE, facts, [])
    assert message in str(refusal.value)


def test_texts_alone_are_read_as_text() -> None:
    assert reads_text(columns({"title": TEXTS}), None)
    assert not reads_text(columns({"title": TEXTS, "age": range(ROWS)}), None)
    assert not reads_text({}, None)
    assert reads_text(columns({"age": range(ROWS)}), TEXT_FACTS)


def test_dates_next_to_texts_alone_leave_a_model_of_texts() -> None:
    table = columns({"title": TEXTS, "text": LONGER, "day": DAYS})
    assert reads_text(table, None)
    assert not reads_text(columns({"day": DAYS}), None)
    for names in (["title", "day"], ["title", "text", "day"]):
        notes: list[str] = []
        kept, _ = one_text({name: table[name] for name in names}, None, notes, taken=names)
        assert "day" not in kept
        assert "day is left out: a text model reads one text" in notes


def test_dates_that_help_are_kept() -> None:
    assert list(useful(columns({"day": DAYS, "age": range(ROWS)}), None, [])) == ["day", "age"]


def test_a_proposal_reads_all_texts_together() -> None:
    notes: list[str] = []
    found, join = one_text(columns({"title": TEXTS, "body": [*LONGER[1:], ""]}), None, notes, taken=["title", "body"])
    assert join == {"text": ("title", "body")}
    assert found["text"].values[0] == f"{TEXTS[0]} {LONGER[1]}"
    assert found["text"].values[-1] == TEXTS[-1]
    assert notes == ["title and body are read together, as text"]


@pytest.mark.parametrize(
    ("taken", "name"), [(["a", "b"], "text"), (["a", "b", "text"], "a_b"), (["a", "b", "text", "a_b"], "a_b_")]
)
def test_texts_read_together_get_a_name_that_the_table_does_not_have(taken: list[str], name: str) -> None:
    assert list(one_text(columns({"a": TEXTS, "b": LONGER}), None, [], taken=taken)[0]) == [name]


def test_a_pipeline_reads_the_longest_text() -> None:
    notes: list[str] = []
    table = columns({"title": TEXTS, "body": LONGER, "age": range(ROWS)})
    found, join = one_text(table, TEXT_FACTS, notes, taken=table)
    assert (list(found), join) == (["body"], {})
    assert notes == [
        "title is left out: a text model reads one text",
        "age is left out: a text model reads one text",
    ]


def test_a_text_model_needs_a_text() -> None:
    with pytest.raises(InvalidInputError, match="a text model reads a text, and no column is one"):
        one_text(columns({"age": range(ROWS)}), TEXT_FACTS, [], taken=["age"])
