"""Expected differences: each has a reason, and entries that excuse nothing are reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.replay.differences import Difference
from tools.replay.expected import Expected, ExpectedFileError, read_expected, unexcused, unused

FOUND = [Difference("predict churn: NaN", "body.errors.0.msg", "a", "b"), Difference("GET /", "status", "200", "404")]
ENTRY = Expected("predict *", "body.errors.*.msg", "another wording")


def test_a_difference_is_excused_by_request_and_path() -> None:
    assert unexcused(FOUND, [ENTRY]) == FOUND[1:]


def test_an_entry_that_excuses_nothing_is_reported() -> None:
    other = Expected("predict *", "status", "another status")
    assert unused(FOUND, [ENTRY, other]) == [other]


def test_entries_are_read_from_toml(tmp_path: Path) -> None:
    file = tmp_path / "expected.toml"
    file.write_text('[[expected]]\nrequest = "predict *"\npath = "body.errors.*.msg"\nreason = "another wording"\n')
    assert read_expected(file) == [ENTRY]


@pytest.mark.parametrize(
    "text",
    ['[[expected]]\nrequest = "a"\npath = "b"', '[[expected]]\nrequest = "a"\npath = "b"\nreason = ""', "expected = ["],
)
def test_an_entry_without_a_reason_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "expected.toml"
    file.write_text(text)
    with pytest.raises(ExpectedFileError, match=r"expected\.toml"):
        read_expected(file)
