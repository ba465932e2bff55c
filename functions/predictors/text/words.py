"""Terms of scikit-learn's analyzer "word"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import repeat

import numpy as np

from functions.predictors.text.occurrences import UNKNOWN, Occurrences
from functions.predictors.text.vectorizer import Vectorizer

DEFAULT_PATTERN = r"(?u)\b\w\w+\b"
RUNS = re.compile(r"\w\w+")
"""The default pattern without its boundaries: a run of word characters begins and ends at one anyway."""
SPACES_BETWEEN = bytes(code if chr(code).isalnum() or chr(code) == "_" else ord(" ") for code in range(256))
"""A table for text in Latin-1: word characters stay, any other becomes a space."""

TokenizeWords = Callable[[str], list[str]]


class Tokens:
    """Finds the tokens of a text, without stop words."""

    def __init__(self, vectorizer: Vectorizer) -> None:
        """Raises re.error for a token pattern that is no regular expression."""
        pattern = vectorizer.token_pattern
        self._tokens: TokenizeWords = _default_tokens if pattern == DEFAULT_PATTERN else re.compile(pattern).findall
        self._stop_words = frozenset(vectorizer.stop_words)

    def of(self, text: str) -> list[str]:
        """The tokens of `text`, in their order."""
        tokens = self._tokens(text)
        return [token for token in tokens if token not in self._stop_words] if self._stop_words else tokens


class Words:
    """Finds n-grams of tokens, joined by a space."""

    def __init__(self, vectorizer: Vectorizer) -> None:
        """Raises re.error for a token pattern that is no regular expression."""
        self._tokens = Tokens(vectorizer)
        self._lengths = range(vectorizer.ngram_range[0], vectorizer.ngram_range[1] + 1)
        self._column = {term: column for column, term in enumerate(vectorizer.vocabulary)}.get

    def find(self, texts: Sequence[str]) -> Occurrences:
        """Occurrences of the vocabulary's terms in `texts`."""
        columns: list[int] = []
        ends = [0]
        for text in texts:
            tokens = self._tokens.of(text)
            for length in self._lengths:
                # map with repeat looks terms up in C: no Python code runs for each word
                columns.extend(map(self._column, _ngrams(tokens, length), repeat(UNKNOWN)))
            ends.append(len(columns))
        rows = np.repeat(np.arange(len(texts)), np.diff(ends))
        return Occurrences.known(rows, np.array(columns, dtype=np.int64))


def _default_tokens(text: str) -> list[str]:
    try:
        latin = text.encode("latin-1")
    except UnicodeEncodeError:
        return RUNS.findall(text)
    # the same words as the pattern finds, in a third of its time
    words = latin.translate(SPACES_BETWEEN).decode("latin-1").split()
    return [word for word in words if len(word) > 1]


def _ngrams(tokens: list[str], length: int) -> Iterable[str]:
    if length == 1:
        return tokens
    return map(" ".join, zip(*(tokens[start:] for start in range(length)), strict=False))
