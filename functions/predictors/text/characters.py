"""Terms of scikit-learn's analyzers "char" and "char_wb": n-grams of characters, found in all documents at once.

A dictionary of terms, as words have, would need a string for each length at each place of a text. Instead the
documents become one array of codes, and a trie of the vocabulary is walked from all its places at the same time:
one numpy operation for each depth, and places where no term goes on end in a dead end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from functions.predictors.predictions import Integers
from functions.predictors.text.occurrences import UNKNOWN, Occurrences
from functions.predictors.text.vectorizer import Vectorizer

WHITE_SPACES = re.compile(r"\s\s+")
BARRIER = "\ud800"
"""End of a document or a word. No text holds it: half of a surrogate pair is no character."""
LARGEST_TABLE = 2**22
"""Entries of a level's table, 16 MiB; a larger level, as of Chinese texts, is searched instead."""


class Alphabet:
    """The characters of a vocabulary, numbered from 1; 0 is any other character, and leads to no node."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        # a vocabulary has hundreds of characters of a million: its own numbers keep keys and tables small
        points = np.unique(_points("".join(vocabulary)))
        self.size = len(points) + 1
        self._codes = np.zeros(int(points.max(initial=0)) + 2, dtype=np.int64)
        self._codes[points] = np.arange(1, self.size)

    def codes(self, points: npt.NDArray[np.uint32]) -> Integers:
        return self._codes[np.minimum(points, len(self._codes) - 1)]


@dataclass(frozen=True, slots=True)
class Level:
    """Nodes of one depth of the trie. The node after the last is the dead end, which leads to dead ends alone.

    `keys` (parent * size of the alphabet + code, rising) lead to the nodes; `columns` [nodes + 1] are the terms that
    end at them. `table` maps keys to nodes; it is None if it would be larger than LARGEST_TABLE.
    """

    keys: Integers
    columns: Integers
    table: npt.NDArray[np.int32] | None

    @classmethod
    def of(cls, keys: Integers, columns: Integers, ways: int) -> Level:
        """Make a level; `ways` is greater than any key."""
        if ways > LARGEST_TABLE:
            return cls(keys, columns, None)
        table = np.full(ways, len(keys), dtype=np.int32)
        table[keys] = np.arange(len(keys))
        return cls(keys, columns, table)

    def enter(self, keys: Integers) -> Integers:
        """Nodes that `keys` lead to."""
        if self.table is not None:
            return self.table[keys].astype(np.int64)
        nodes = np.searchsorted(self.keys, keys)
        return np.where(np.append(self.keys, UNKNOWN)[nodes] == keys, nodes, len(self.keys))


class Characters:
    """Finds n-grams of characters in documents, or in words with a space on either side of them."""

    def __init__(self, vectorizer: Vectorizer) -> None:
        self._in_words = vectorizer.analyzer == "char_wb"
        self._least, most = vectorizer.ngram_range
        self._alphabet = Alphabet(vectorizer.vocabulary)
        self._levels = list(_levels(vectorizer.vocabulary, self._alphabet, most))

    def find(self, texts: Sequence[str]) -> Occurrences:
        """Occurrences of the vocabulary's terms in `texts`."""
        prepared = [self._prepare(text) for text in texts]
        points = _points("".join(prepared))
        rows = np.repeat(np.arange(len(texts)), list(map(len, prepared)))
        by_length = [
            Occurrences.known(rows[places], columns)
            for places, columns in self._walk(points, self._alphabet.codes(points))
        ]
        return Occurrences.joined(by_length)

    def _prepare(self, text: str) -> str:
        if self._in_words:
            return "".join([f" {word} {BARRIER}" for word in text.split()])
        return WHITE_SPACES.sub(" ", text) + BARRIER

    def _walk(self, points: npt.NDArray[np.uint32], codes: Integers) -> Iterator[tuple[slice | Integers, Integers]]:
        """For each length: places, and the columns of the terms of this length that begin at them."""
        nodes = np.zeros(len(codes), dtype=np.int64)
        for length, level in enumerate(self._levels, start=1):
            reached = len(codes) - length + 1
            nodes = level.enter(nodes[:reached] * self._alphabet.size + codes[length - 1 :])
            if length >= self._least:
                yield slice(reached), level.columns[nodes]
            elif self._in_words:
                # scikit-learn counts a word, with its spaces, that is shorter than the least length as one whole term
                places = _whole_words(points, length)
                yield places, level.columns[nodes[places]]


def _levels(vocabulary: Sequence[str], alphabet: Alphabet, most: int) -> Iterator[Level]:
    columns = np.array([column for column, term in enumerate(vocabulary) if len(term) <= most], dtype=np.int64)
    terms = [vocabulary[column] for column in columns.tolist()]
    lengths = np.array(list(map(len, terms)), dtype=np.int64)
    codes = np.zeros((len(terms), most), dtype=np.int64)
    codes[np.arange(most) < lengths[:, None]] = alphabet.codes(_points("".join(terms)))
    nodes = np.zeros(len(terms), dtype=np.int64)
    parents = 1
    for depth in range(most):
        is_going_on = lengths > depth
        keys, entered = np.unique(nodes[is_going_on] * alphabet.size + codes[is_going_on, depth], return_inverse=True)
        nodes[is_going_on] = entered
        is_at_end = lengths == depth + 1
        ending = np.full(len(keys) + 1, UNKNOWN)
        ending[nodes[is_at_end]] = columns[is_at_end]
        yield Level.of(keys, ending, (parents + 1) * alphabet.size)
        parents = len(keys)


def _whole_words(points: npt.NDArray[np.uint32], length: int) -> Integers:
    """Starts of the words that have exactly `length` characters."""
    ends = np.flatnonzero(points == ord(BARRIER))
    starts: Integers = np.append(0, ends[:-1] + 1)
    matching: Integers = starts[ends - starts == length]
    return matching


def _points(text: str) -> npt.NDArray[np.uint32]:
    # surrogatepass, as BARRIER is half a pair
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
