"""Intended differences, each with its reason, from a TOML file.

    [[expected]]
    request = "churn predict: limits *"
    path = "body.errors.*.msg"
    reason = "the message names the key"

`request` and `path` may hold the wildcards * and ?.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from tools.replay.differences import Difference

KEYS = {"request", "path", "reason"}


class ExpectedFileError(Exception):
    """The file of expected differences is wrong; the text names the entry."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One entry of the file; `request` and `path` are patterns."""

    request: str
    path: str
    reason: str

    def excuses(self, difference: Difference) -> bool:
        return fnmatchcase(difference.request, self.request) and fnmatchcase(difference.path, self.path)


def read_expected(file: Path) -> list[Expected]:
    """The entries of the file.

    Raises ExpectedFileError for an entry without request, path or reason, or with any other key.
    """
    try:
        entries = tomllib.loads(file.read_text(encoding="utf-8")).get("expected", [])
    except (OSError, ValueError) as error:
        raise ExpectedFileError(f"{file}: {error}") from None
    for number, entry in enumerate(entries, 1):
        if entry.keys() != KEYS or not all(isinstance(value, str) and value for value in entry.values()):
            raise ExpectedFileError(
                f"{file}: entry {number}: texts for {', '.join(sorted(KEYS))} are expected: {entry}"
            )
    return [Expected(**entry) for entry in entries]


def unexcused(found: Iterable[Difference], expected: Sequence[Expected]) -> list[Difference]:
    return [one for one in found if not any(entry.excuses(one) for entry in expected)]


def unused(found: Sequence[Difference], expected: Iterable[Expected]) -> list[Expected]:
    """Entries that excuse no difference and can be deleted."""
    return [entry for entry in expected if not any(entry.excuses(one) for one in found)]
