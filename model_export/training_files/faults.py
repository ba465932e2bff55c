"""Faults in training files, and names of columns within their messages."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from functions.core.errors import FILE, MAX_FAULTS, Fault, InvalidInputError

MOST_NAMES = 20
BRIEF_CHARACTERS = 60


def file_fault(msg: str, kind: str) -> InvalidInputError:
    return InvalidInputError([Fault((FILE,), msg, kind)])


def refuse_if_any(faults: Iterable[Fault]) -> None:
    """Raise InvalidInputError with the first 1000 of `faults`, if there is any."""
    reported = list(islice(faults, MAX_FAULTS))
    if reported:
        raise InvalidInputError(reported)


def brief(text: str) -> str:
    """`text` in quotes, shortened if it is long."""
    return repr(text if len(text) <= BRIEF_CHARACTERS else f"{text[: BRIEF_CHARACTERS - 3]}...")


def readable_name(name: str) -> str:
    """A column's name within a sentence, in quotes if it is long or its ends would be invisible."""
    is_plain = name.isprintable() and name == name.strip() and 0 < len(name) <= BRIEF_CHARACTERS
    return name if is_plain else brief(name)


def listed(names: Iterable[str]) -> str:
    """The first names with commas, and how many more there are, because a file may have a million columns."""
    every = list(names)
    shown = [
        name if len(name) <= BRIEF_CHARACTERS + 2 else f"{name[: BRIEF_CHARACTERS - 3]}..."
        for name in every[:MOST_NAMES]
    ]
    more = [f"and {len(every) - MOST_NAMES} more"] if len(every) > MOST_NAMES else []
    return ", ".join([*shown, *more])
