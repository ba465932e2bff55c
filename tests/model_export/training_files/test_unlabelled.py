"""Rows without a label are left out of a file, with a note; the others keep their numbers."""

from __future__ import annotations

from typing import Any

import pytest

from model_export.training_files.sheet import Sheet
from model_export.training_files.unlabelled import labelled_only

MISSING = ("", "NA")


def sheet(*rent: Any, **others: Any) -> Sheet:
    return Sheet(("m2", "rent"), (list(range(len(rent))), list(rent)), is_text=True, notes=("before",), **others)


def test_they_are_counted_in_a_note_and_the_rest_keep_their_numbers() -> None:
    rent = ["1", " NA ", None, "4", float("nan")]
    found = labelled_only(sheet(*rent), rent, "rent", MISSING)
    assert found.columns == ([0, 3], ["1", "4"])
    assert found.row_numbers == [0, 3]
    assert found.notes == ("before", "3 rows without rent were left out")


def test_rows_that_were_left_out_before_still_count() -> None:
    found = labelled_only(sheet("", "2", row_numbers=[5, 7]), ["", "2"], "rent", MISSING)
    assert found.row_numbers == [7]


@pytest.mark.parametrize("rent", [("1", "2"), ("", "NA"), ("NA", "x")])
def test_a_file_with_all_labels_or_none_is_left_as_it_is(rent: tuple[str, ...]) -> None:
    whole = sheet(*rent)
    assert labelled_only(whole, list(rent), "rent", () if "x" in rent else MISSING) is whole
