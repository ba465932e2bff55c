"""Lines of the log: no message and no traceback begins a line that another could have written."""

from __future__ import annotations

import logging
import sys

import pytest

from functions.local.log_lines import INDENT, SingleLines

FORGED = "2026-11-29 05:00:00,000 trainer INFO churn job deadbeef succeeded"


def line_of(message: str, *arguments: object, error: BaseException | None = None) -> str:
    formatter = SingleLines("%(asctime)s trainer %(levelname)s %(message)s")
    info = (type(error), error, error.__traceback__) if error is not None else None
    return formatter.format(logging.LogRecord("x", logging.INFO, "x.py", 1, message, arguments, info))


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\x85", "\u2028", "\x0b", "\x1b[1A"])
def test_a_reason_with_line_ends_is_one_line(end: str) -> None:
    line = line_of("%s job %s refused: %s", "churn", "1", f"no column{end}{FORGED}")
    assert line.splitlines() == [line]
    assert "\x1b" not in line
    assert FORGED in line


def test_lines_of_a_traceback_are_indented() -> None:
    try:
        raise ValueError(f"wrong\n{FORGED}\r{FORGED}")
    except ValueError:
        line = line_of("crashed", error=sys.exc_info()[1])
    first, *others = line.splitlines()
    assert first.endswith("crashed")
    assert "Traceback" in others[0]
    assert all(other.startswith(INDENT) for other in others)


def test_words_in_any_script_stay_as_they_are() -> None:
    assert line_of("la señal 😀 %s", "日本").endswith("la señal 😀 日本")
