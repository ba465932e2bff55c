"""A question and its context as tokens, and the windows in which a model reads them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from tokenizers import Encoding, Tokenizer

from functions.core.errors import DamagedVersionError
from functions.core.tasks import TOKENIZER
from functions.predictors.predictions import Integers
from functions.predictors.tokenizer import PROBE


@dataclass(frozen=True, slots=True)
class TokenizedText:
    """Tokens of a text: `ids` [N], `offsets` [N, 2] in characters, and `words` [N], the number of each token's word."""

    ids: Integers
    offsets: Integers
    words: Integers

    @classmethod
    def of(cls, encoding: Encoding) -> TokenizedText:
        offsets = np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2)
        return cls(_array(encoding.ids), offsets, _array(encoding.word_ids))

    def characters(self, window: slice, starts: Integers, ends: Integers, *, whole_words: bool) -> Integers:
        """First and last character [spans, 2], the last exclusive, of spans in a window of these tokens.

        `starts` and `ends` count from the start of the window. A word that the window cuts ends with the window.
        """
        words, offsets = self.words[window], self.offsets[window]
        if whole_words:
            starts = np.searchsorted(words, words[starts], "left")
            ends = np.searchsorted(words, words[ends], "right") - 1
        return np.stack([offsets[starts, 0], offsets[ends, 1]], axis=1)


@dataclass(frozen=True, slots=True)
class Frame:
    """Special tokens around a question and a context: ids and types, each [M], before, between and after them.

    `types` holds the type of the question's tokens and the type of the context's tokens.
    """

    ids: tuple[Integers, Integers, Integers]
    special_types: tuple[Integers, Integers, Integers]
    types: tuple[int, int]

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> Frame:
        """Find the special tokens; raises DamagedVersionError if a pair does not begin with one, then the question."""
        pair = tokenizer.encode(PROBE, PROBE)
        sequences = pair.sequence_ids
        if sequences[:1] != [None] or 0 not in sequences or 1 not in sequences[sequences.index(0) :]:
            raise DamagedVersionError(
                f"{TOKENIZER} makes {pair.tokens} of a pair: a special token, the question and the context are needed"
            )
        question, context = sequences.index(0), sequences.index(1)
        cuts = [question, question + sequences.count(0), context, context + sequences.count(1)]
        ids, types = _array(pair.ids), _array(pair.type_ids)
        before, _, between, _, after = np.split(ids, cuts)
        special_types = np.split(types, cuts)
        return cls(
            (before, between, after),
            (special_types[0], special_types[2], special_types[4]),
            (int(types[question]), int(types[context])),
        )

    @property
    def size(self) -> int:
        return sum(map(len, self.ids))

    def around(self, question: Integers, context: Integers) -> tuple[Integers, Integers]:
        """Ids and types [S] of a whole window."""
        types = (np.full(len(question), self.types[0]), np.full(len(context), self.types[1]))
        return _framed(self.ids, question, context), _framed(self.special_types, *types)

    def place(self, question: Integers, context: Integers) -> slice:
        """Place of the context in a whole window."""
        first = len(self.ids[0]) + len(question) + len(self.ids[1])
        return slice(first, first + len(context))


def cut(length: int, room: int, overlap: int) -> Iterator[slice]:
    """Windows of `room` tokens over `length` tokens, each starting `overlap` tokens before the end of the last one.

    `overlap` must be less than `room`, unless all tokens fit into one window.
    """
    start = 0
    while start + room < length:
        yield slice(start, start + room)
        start += room - overlap
    yield slice(start, length)


def _framed(special: tuple[Integers, Integers, Integers], question: Integers, context: Integers) -> Integers:
    before, between, after = special
    return np.concatenate([before, question, between, context, after])


def _array(values: list[int]) -> Integers:
    return np.array(values, dtype=np.int64)
