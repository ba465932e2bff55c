"""Which terms of a vocabulary stand in a document: scikit-learn's analyzers, term for term."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import chain, repeat

from functions.predictors.vectorizer import Vectorizer

UNKNOWN = -1
FIRST_COMBINING = "\u0300"
WHITE_SPACES = re.compile(r"\s\s+")
DEFAULT_PATTERN = r"(?u)\b\w\w+\b"
SAME_BUT_FASTER = r"\w\w+"
"""A run of word characters begins and ends at a boundary anyway."""
REMEMBERED_WORDS = 4096
LONGEST_REMEMBERED = 32

FindTerms = Callable[[str], Iterable[int]]


def term_finder(vectorizer: Vectorizer) -> FindTerms:
    """A function from a document to the columns of its terms, one for each time a term occurs, in any order.

    UNKNOWN may stand among them for terms that the vocabulary lacks. Raises KeyError, re.error for a vectorizer
    that is none.
    """
    normalize = _normalizer(vectorizer)
    find = {"word": _Words, "char": _Characters, "char_wb": _CharactersOfWords}[vectorizer.analyzer](vectorizer)
    return lambda text: find(normalize(text))


def strip_accents_ascii(text: str) -> str:
    """What is left in ASCII of the compatibility decomposition."""
    return text if text.isascii() else unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")


def strip_accents_unicode(text: str) -> str:
    """The compatibility decomposition without its combining characters."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join([one for one in decomposed if one < FIRST_COMBINING or not unicodedata.combining(one)])


def _normalizer(vectorizer: Vectorizer) -> Callable[[str], str]:
    strip: dict[str | None, Callable[[str], str]] = {"ascii": strip_accents_ascii, "unicode": strip_accents_unicode}
    if vectorizer.strip_accents is None:
        return str.lower if vectorizer.lowercase else str
    strip_accents = strip[vectorizer.strip_accents]
    return (lambda text: strip_accents(text.lower())) if vectorizer.lowercase else strip_accents


class _Words:
    """N-grams of tokens, joined by a space."""

    def __init__(self, vectorizer: Vectorizer) -> None:
        pattern = vectorizer.token_pattern
        self._tokens = re.compile(SAME_BUT_FASTER if pattern == DEFAULT_PATTERN else pattern).findall
        self._stop_words = frozenset(vectorizer.stop_words)
        self._lengths = range(vectorizer.ngram_range[0], vectorizer.ngram_range[1] + 1)
        self._column = {term: column for column, term in enumerate(vectorizer.vocabulary)}.get

    def __call__(self, text: str) -> Iterable[int]:
        tokens: list[str] = self._tokens(text)
        if self._stop_words:
            tokens = [token for token in tokens if token not in self._stop_words]
        return chain.from_iterable(map(self._column, _ngrams(tokens, n), repeat(UNKNOWN)) for n in self._lengths)


def _ngrams(tokens: list[str], n: int) -> Iterable[str]:
    if n == 1:
        return tokens
    return map(" ".join, zip(*(tokens[start:] for start in range(n)), strict=False))


class _Characters:
    """N-grams of characters.

    The longest n-gram at a place is looked up first. If it is known, so are the shorter ones that begin there:
    `_columns` has the columns of every term together with those of the terms that it begins with.
    """

    def __init__(self, vectorizer: Vectorizer) -> None:
        self._least, self._most = vectorizer.ngram_range
        column = {term: column for column, term in enumerate(vectorizer.vocabulary)}
        self._columns = {term: self._with_beginnings(term, column) for term in column}

    def __call__(self, text: str) -> Iterable[int]:
        text = WHITE_SPACES.sub(" ", text)
        return self._begun_at(text, range(len(text) - self._least + 1))

    def _with_beginnings(self, term: str, column: dict[str, int]) -> tuple[int, ...]:
        beginnings = [column.get(term[:length], UNKNOWN) for length in range(self._least, len(term))]
        return (column[term], *(one for one in beginnings if one != UNKNOWN))

    def _begun_at(self, text: str, places: Sequence[int]) -> list[int]:
        """The terms that begin at these places, each of which has room for the shortest."""
        columns: list[int] = []
        look_up = self._columns.get
        for length in range(self._most, self._least - 1, -1):
            found = [look_up(text[place : place + length]) for place in places]
            columns.extend(chain.from_iterable(filter(None, found)))
            places = [place for place, one in zip(places, found, strict=True) if one is None]
        return columns


class _CharactersOfWords(_Characters):
    """N-grams of characters inside words, each with a space on either side; a shorter word counts as a whole."""

    def __init__(self, vectorizer: Vectorizer) -> None:
        super().__init__(vectorizer)
        self._remembered = lru_cache(maxsize=REMEMBERED_WORDS)(self._of_word)

    def __call__(self, text: str) -> Iterable[int]:
        return chain.from_iterable(
            self._remembered(word) if len(word) <= LONGEST_REMEMBERED else self._of_word(word) for word in text.split()
        )

    def _of_word(self, word: str) -> list[int]:
        padded = f" {word} "
        return self._begun_at(padded, range(max(1, len(padded) - self._least + 1)))
