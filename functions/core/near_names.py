"""The known name that a wrong one is most like, for the question whether it was meant."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

LIKENESS = 0.75
LONGEST_COMPARED = 100
"""The characters up to which names are compared letter by letter, which takes time that grows with their product."""
MOST_COMPARISONS = 2000
"""The pairs of names that are compared letter by letter for one answer; a pair takes less than a millisecond."""
BETWEEN_WORDS = re.compile(r"(?<=[^\s\d-])(?:-+|\s+-+\s+)(?=[^\s\d-])")


def normal(value: object) -> str:
    """`value` as text without case, spaces and underscores, and without hyphens between words.

    Levels that look alike become equal. A hyphen at an end, or beside a digit, is a sign: A- is not A, nor -1 or 1-8 a
    number without it.
    """
    text = str(value).casefold().replace("_", " ")
    if "-" in text:
        text = BETWEEN_WORDS.sub(" ", text.strip())
    return "".join(text.split())


def bare(text: str) -> str:
    """The `normal` text without accents."""
    if text.isascii():
        return normal(text)
    apart = unicodedata.normalize("NFKD", text)
    return normal("".join(one for one in apart if not unicodedata.combining(one)))


def composed(name: str) -> str:
    """The name in the Unicode form of keyboards: é as one character, not as e and an accent."""
    return unicodedata.normalize("NFC", name)


class NearNames:
    """Finder of the known name that a wrong one is most like; made once for many wrong ones."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = known

    def same_letters(self, name: str) -> str | None:
        """The known name that differs in the Unicode form, in case, separators or accents alone, the first form first.

        It is looked up, however many names are known.
        """
        found = (index.get(form(name)) for form, index in zip(FORMS, self._by_form, strict=True))
        return next((one for one in found if one is not None), None)

    def nearest(self, name: str) -> str | None:
        """The known name that has the same letters, or else most of them; None if there is none."""
        import difflib  # not at the top: a cold start without faults does not need it

        same, letters = self.same_letters(name), _letters(name)
        if same is not None or len(letters) > LONGEST_COMPARED:
            return same
        near = difflib.get_close_matches(letters, self._compared, n=1, cutoff=LIKENESS)
        return self._by_form[-1][near[0]] if near else None

    def each(self, names: Sequence[str]) -> Iterator[str | None]:
        """What `nearest` says of the first names, up to MOST_COMPARISONS pairs; what `same_letters` says of the others.

        The first name is always compared.
        """
        compared = max(1, MOST_COMPARISONS // max(1, len(self._compared)))
        yield from map(self.nearest, names[:compared])
        yield from map(self.same_letters, names[compared:])

    @cached_property
    def _by_form(self) -> Sequence[Mapping[str, str]]:
        """The known names by each of the forms. Made for the first wrong name, as most requests have none."""
        names = sorted(self._known, reverse=True)  # of several names of a form, the first in the alphabet is kept
        return [{form(one): one for one in names} for form in FORMS]

    @cached_property
    def _compared(self) -> Sequence[str]:
        return [letters for letters in self._by_form[-1] if len(letters) <= LONGEST_COMPARED]


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that has the same letters, or else most of them; None if there is none."""
    return NearNames(known).nearest(name)


def did_you_mean(name: str, near: str | None) -> str:
    """The question whether `near` was meant; empty for None."""
    if near is None:
        return ""
    if composed(near) == composed(name):
        return f"did you mean {near!a}, the same letters in another Unicode form?"
    return f"did you mean {near!r}?"


def _accented(name: str) -> str:
    """The letters of a name, in which a hyphen is no sign: price-2024 may be price_2024."""
    return normal(composed(name).replace("-", " "))


def _letters(name: str) -> str:
    return bare(name.replace("-", " "))


FORMS = (composed, _accented, _letters)
