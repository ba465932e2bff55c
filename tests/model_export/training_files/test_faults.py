"""Faults of files, and names within their messages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from functions.core.errors import MAX_FAULTS, Fault, InvalidInputError
from model_export.training_files.faults import brief, file_fault, listed, readable_name, refuse_if_any


def test_a_fault_of_the_whole_file_is_under_file() -> None:
    assert file_fault("the file is empty", "too_short").faults == (Fault(("file",), "the file is empty", "too_short"),)


def test_no_fault_is_no_error() -> None:
    refuse_if_any([])


def test_no_more_faults_are_made_than_are_reported() -> None:
    made: list[int] = []

    def endless() -> Iterator[Fault]:
        while True:
            made.append(len(made))
            yield Fault((made[-1],), "wrong", "wrong")

    with pytest.raises(InvalidInputError) as refusal:
        refuse_if_any(endless())
    assert [fault.loc for fault in refusal.value.faults] == [(row,) for row in range(MAX_FAULTS)]
    assert len(made) == MAX_FAULTS


@pytest.mark.parametrize(
    ("text", "expected"),
    [("año", "'año'"), ("x" * 60, f"'{'x' * 60}'"), ("x" * 61, f"'{'x' * 57}...'"), ("a\n'b", '"a\\n\'b"')],
)
def test_a_quoted_text_is_never_long_and_stays_on_one_line(text: str, expected: str) -> None:
    assert brief(text) == expected


@pytest.mark.parametrize("name", ["año", "two words", "x" * 60])
def test_a_plain_name_needs_no_quotes(name: str) -> None:
    assert readable_name(name) == name


@pytest.mark.parametrize("name", ["", " x", "x ", "a\tb", "x\u200b", "x" * 61])
def test_a_name_whose_ends_cannot_be_seen_is_quoted(name: str) -> None:
    assert readable_name(name) == brief(name)


def test_names_are_listed_up_to_twenty() -> None:
    assert listed([]) == ""
    assert listed(f"c{number}" for number in range(20)) == ", ".join(f"c{number}" for number in range(20))
    assert listed(f"c{number}" for number in range(22)).endswith("c18, c19, and 2 more")
    assert listed(["x" * 63, "y"]) == f"{'x' * 57}..., y"
