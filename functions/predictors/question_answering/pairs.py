"""Pairs of a question and a context as tokens, or a refusal of texts that a model cannot read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

from tokenizers import Tokenizer

from functions.core.errors import Fault, InvalidInputError
from functions.core.question_answering import CONTEXT, QUESTION
from functions.predictors.predictions import Integers
from functions.predictors.question_answering.parameters import Answering
from functions.predictors.question_answering.windows import Frame, TokenizedText, cut
from functions.predictors.tokenizer import NO_CHARACTER, open_tokenizer

SMALLEST_WINDOW_TOKENS = 64
"""A run of the graph costs at least about as much as the reading of so many tokens in a long window."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and its context, whose tokens are read in `windows`."""

    question: TokenizedText
    context: TokenizedText
    text: str
    windows: tuple[slice, ...]

    def tokens(self, special: int) -> int:
        """Tokens that all windows count as, each with `special` tokens."""
        around = len(self.question.ids) + special
        return sum(_counted(part.stop - part.start + around, part) for part in self.windows)


@dataclass(frozen=True, slots=True)
class Window:
    """Input of one run of the graph: `ids` and `types` [S], where the context's tokens `part` are at `place`."""

    ids: Integers
    types: Integers
    place: slice
    part: slice

    @classmethod
    def of(cls, frame: Frame, pair: Pair, part: slice) -> Window:
        question, context = pair.question.ids, pair.context.ids[part]
        return cls(*frame.around(question, context), frame.place(question, context), part)

    @property
    def tokens(self) -> int:
        """Tokens that this window counts as."""
        return _counted(len(self.ids), self.part)


class PairReader:
    """Makes pairs of texts with a version's own tokenizer."""

    def __init__(self, tokenizer: bytes) -> None:
        """Raises DamagedVersionError."""
        self._tokenizer: Tokenizer = open_tokenizer(tokenizer)
        self._frame = Frame.of(self._tokenizer)

    def read(self, questions: Sequence[str], contexts: Sequence[str], asked: Answering) -> list[Pair]:
        """Tokenize pairs, and cut each context into windows.

        Raises InvalidInputError with all faults; the place of each is (row, name).
        """
        pairs: list[Pair] = []
        faults: list[Fault] = []
        for row, (question, context) in enumerate(zip(questions, contexts, strict=True)):
            try:
                pairs.append(self._pair(row, question, context, asked))
            except InvalidInputError as error:
                faults += error.faults
        if faults:
            raise InvalidInputError(faults)
        return pairs

    def count(self, pairs: Sequence[Pair]) -> int:
        """Number of tokens that all windows of all pairs count as."""
        return sum(pair.tokens(self._frame.size) for pair in pairs)

    def windows(self, pair: Pair) -> Iterator[Window]:
        for part in pair.windows:
            yield Window.of(self._frame, pair, part)

    def _pair(self, row: int, question: str, context: str, asked: Answering) -> Pair:
        question_tokens, context_tokens = self._tokens(question), self._tokens(context)
        if isinstance(question_tokens, str) or isinstance(context_tokens, str):
            both = {QUESTION: question_tokens, CONTEXT: context_tokens}
            raise InvalidInputError(
                [Fault((row, name), reason, "unreadable") for name, reason in both.items() if isinstance(reason, str)]
            )
        length = len(question_tokens.ids)
        if length > asked.max_question_len:
            _refuse_question(row, f"{length} tokens are more than {asked.max_question_len}: ask shorter")
        room = asked.max_seq_len - self._frame.size - length
        if len(context_tokens.ids) > room and asked.doc_stride >= room:
            _refuse_question(
                row,
                f"its {length} tokens leave room for {max(room, 0)} of the context in a window of {asked.max_seq_len}, "
                f"and windows share {asked.doc_stride}: ask shorter, for a longer max_seq_len or a smaller doc_stride",
            )
        return Pair(
            question_tokens, context_tokens, context, tuple(cut(len(context_tokens.ids), room, asked.doc_stride))
        )

    def _tokens(self, text: str) -> TokenizedText | str:
        """A text's tokens, or the reason why there are none."""
        if not text.strip():
            return "must not be blank"
        try:
            encoding = self._tokenizer.encode(text, add_special_tokens=False)
        except TypeError:
            return NO_CHARACTER
        return TokenizedText.of(encoding) if len(encoding) else "holds nothing that this model can read"


def _counted(tokens: int, part: slice) -> int:
    """Number of tokens that a window counts as.

    One after the first counts as a small one at least, or a request for short windows would cost many times as much as
    one for long windows. The first counts as it is: pairs that fit into a window are as many as the request sends.
    """
    return tokens if part.start == 0 else max(tokens, SMALLEST_WINDOW_TOKENS)


def _refuse_question(row: int, message: str) -> NoReturn:
    raise InvalidInputError([Fault((row, QUESTION), message, "too_long")])
