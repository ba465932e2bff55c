"""The known level that an unknown text was probably meant to be, at a cost that no request can raise."""

from __future__ import annotations

from collections.abc import Sequence

from functions.core.near_names import bare

LONGEST_LEVEL = 64
"""The characters of the longest text, and of the longest level, that are compared."""
LEAST_LETTERS = 4
"""Codes of fewer letters are too near to each other for a mistyped letter to say which was meant."""
MOST_LETTERS = 10_000
"""The letters of all levels together up to which a mistyped one is looked for. The index has a text for each."""
Index = dict[str, str]


class NearLevels:
    """Finder of the level that differs from a text in case, spaces, accents, or one mistyped letter.

    A mistyped letter is one that was left out, put in, exchanged, or moved. Digits must be equal: 28012 is no mistyped
    28013. An answer takes as many look-ups as the text has letters, however many levels there are.
    """

    def __init__(self, levels: Sequence[str]) -> None:
        self._levels = levels
        self._indices: tuple[Index, Index] | None = None

    def nearest(self, text: str) -> str | None:
        """The level that was probably meant; None if none is near, or the text is too long."""
        if len(text) > LONGEST_LEVEL:
            return None
        # made for the first unknown text, as most versions meet none
        self._indices = self._indices or _indices(self._levels)
        same, mistyped = self._indices
        letters = bare(text)
        found = same.get(letters)
        if found is not None or not mistyped or len(letters) < LEAST_LETTERS:
            return found
        near = map(mistyped.get, (letters, *_without_one(letters)))
        return next((one for one in near if one is not None and _digits(one) == _digits(letters)), None)


def _indices(levels: Sequence[str]) -> tuple[Index, Index]:
    """The levels by their letters; and by these, or by these without one. Of several levels the first counts."""
    same: Index = {}
    for level in sorted(levels):
        if len(level) <= LONGEST_LEVEL:
            same.setdefault(bare(level), level)
    if sum(map(len, same)) > MOST_LETTERS:
        return same, {}
    long = {letters: level for letters, level in same.items() if len(letters) >= LEAST_LETTERS}
    mistyped = dict(long)
    for letters, level in long.items():
        for shorter in _without_one(letters):
            mistyped.setdefault(shorter, level)
    return same, mistyped


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _without_one(letters: str) -> list[str]:
    return [letters[:place] + letters[place + 1 :] for place in range(len(letters))]
