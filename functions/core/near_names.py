"""The known name that a wrong one is most like, for the question whether it was meant."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

LIKENESS = 0.75
LONGEST_COMPARED = 100
"""The characters up to which names are compared letter by letter, which takes time that grows with their product."""


def normal(value: object) -> str:
    """`value` as text without case, spaces, hyphens and underscores; levels that look alike become equal."""
    return "".join(str(value).casefold().replace("_", " ").replace("-", " ").split())


def composed(name: str) -> str:
    """The name in the Unicode form of keyboards: é as one character, not as e and an accent."""
    return unicodedata.normalize("NFC", name)


def same_letters(name: str, known: Iterable[str]) -> str | None:
    """The known name that differs in the Unicode form, in case, spaces or accents alone; the first form first."""
    names = sorted(known)
    for form in (composed, _plain, bare):
        near = next((one for one in names if form(one) == form(name)), None)
        if near is not None:
            return near
    return None


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that has the same letters, or else most of them; None if there is none."""
    import difflib  # not at the top: a cold start without faults does not need it

    names = list(known)
    same = same_letters(name, names)
    if same is not None or len(name) > LONGEST_COMPARED:
        return same
    by_letters = {bare(one): one for one in names if len(one) <= LONGEST_COMPARED}
    near = difflib.get_close_matches(bare(name), by_letters, n=1, cutoff=LIKENESS)
    return by_letters[near[0]] if near else None


def did_you_mean(name: str, near: str | None) -> str:
    """The question whether `near` was meant; empty for None."""
    if near is None:
        return ""
    if composed(near) == composed(name):
        return f"did you mean {near!a}, the same letters in another Unicode form?"
    return f"did you mean {near!r}?"


def _plain(name: str) -> str:
    return normal(composed(name))


def bare(name: str) -> str:
    """The letters without case, spaces, hyphens, underscores and accents."""
    if name.isascii():
        return normal(name)
    apart = unicodedata.normalize("NFKD", name)
    return normal("".join(one for one in apart if not unicodedata.combining(one)))
