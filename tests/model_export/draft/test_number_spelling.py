"""Numbers of spreadsheets in a table that has no definition yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from model_export.draft.infer import infer
from model_export.draft.number_spelling import plainly_written


def read(*cells: Any, texts: frozenset[str] = frozenset()) -> tuple[Sequence[Any], list[str]]:
    notes: list[str] = []
    found: Mapping[str, Sequence[Any]] = plainly_written({"km": list(cells)}, texts=texts, notes=notes)
    return found["km"], notes


def test_they_are_written_plainly_and_noted() -> None:
    cells, notes = read("70,5", " 1.234,25 ", "", "NULL")
    assert cells == ["70.5", "1234.25", "", "NULL"]
    assert notes == [
        "km: ',' is the decimal mark ('70,5' is 70.5), '.' separates thousands ('1.234,25' is 1234.25)",
    ]


def test_a_declared_mark_leaves_no_doubt() -> None:
    notes: list[str] = []
    table = {"rent": ["1.077 €", "676 €", ""], "city": ["1.A", "x", "y"]}
    assert plainly_written(table, texts=frozenset(), notes=notes, decimal=",") == {
        "rent": ["1077", "676", ""],
        "city": ["1.A", "x", "y"],
    }
    assert len(notes) == 1


def test_a_doubt_leaves_text_and_is_noted() -> None:
    cells, (note,) = read("70,500", "1")
    assert cells == ["70,500", "1"]
    assert note.startswith("km: text, because '70,500' may be 70.5 or 70500")


@pytest.mark.parametrize("cells", [("1.5", "2"), ("a", "1,234,567"), ("1,234,567", "a"), (5, "1,234,567"), ("", " ")])
def test_other_columns_are_left_as_they_are(cells: tuple[Any, ...]) -> None:
    assert read(*cells) == (list(cells), [])


def test_texts_of_a_pipeline_stay_texts() -> None:
    assert read("1,234,567", texts=frozenset({"km"})) == (["1,234,567"], [])


def test_their_types_are_inferred() -> None:
    table = {"km": ["1.234,5", "70,25"] * 10, "cost": ["€ 1,200,300", "€ 5"] * 10, "left": ["no", "yes"] * 10}
    draft = infer("model", table, target="left")
    assert [(one.name, one.type) for one in draft.schema.features] == [("km", "number"), ("cost", "integer")]
    assert draft.columns["cost"].values[:2] == (1200300, 5)
    assert sum("separates thousands" in note for note in draft.notes) == 2
