"""Questions and contexts made into what a model can read, or refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

from tokenizers import Tokenizer

from functions.core.errors import Fault, InvalidInputError
from functions.core.question_answering import CONTEXT, QUESTION
from functions.predictors.question_answering.parameters import Answering
from functions.predictors.question_answering.windows import Frame, Integers, Tokens, cut, open_tokenizer


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and its context, whose tokens are read in `windows`."""

    question: Tokens
    context: Tokens
    text: str
    windows: tuple[slice, ...]

    def tokens(self, special: int) -> int:
        """Those of all windows, with `special` ones in each."""
        own: int = sum(window.stop - window.start for window in self.windows)
        return own + len(self.windows) * (len(self.question.ids) + special)


@dataclass(frozen=True, slots=True)
class Window:
    """What the graph reads at once: `ids` and `types` [S]; the context's tokens `part` stand at `place`."""

    ids: Integers
    types: Integers
    place: slice
    part: slice

    @classmethod
    def of(cls, frame: Frame, pair: Pair, part: slice) -> Window:
        question, context = pair.question.ids, pair.context.ids[part]
        return cls(*frame.around(question, context), frame.place(question, context), part)


class PairReader:
    """Takes texts apart with a version's own tokenizer."""

    def __init__(self, tokenizer: bytes) -> None:
        """Raises DamagedVersionError."""
        self._tokenizer: Tokenizer = open_tokenizer(tokenizer)
        self._frame = Frame.of(self._tokenizer)

    def read(self, questions: Sequence[str], contexts: Sequence[str], asked: Answering) -> list[Pair]:
        """Raises InvalidInputError with all faults, each under (row, name)."""
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
        """The tokens of all windows of all pairs."""
        return sum(pair.tokens(self._frame.size) for pair in pairs)

    def windows(self, pair: Pair) -> Iterator[Window]:
        for part in pair.windows:
            yield Window.of(self._frame, pair, part)

    def _pair(self, row: int, question: str, context: str, asked: Answering) -> Pair:
        asking, reading = self._tokens(question), self._tokens(context)
        if isinstance(asking, str) or isinstance(reading, str):
            found = {QUESTION: asking, CONTEXT: reading}
            raise InvalidInputError(
                [Fault((row, name), one, "unreadable") for name, one in found.items() if isinstance(one, str)]
            )
        length = len(asking.ids)
        if length > asked.max_question_len:
            _refuse_question(row, f"{length} tokens are more than {asked.max_question_len}: ask shorter")
        room = asked.max_seq_len - self._frame.size - length
        if len(reading.ids) > room and asked.doc_stride >= room:
            _refuse_question(
                row,
                f"its {length} tokens leave room for {max(room, 0)} of the context in a window of {asked.max_seq_len}, "
                f"and windows share {asked.doc_stride}: ask shorter, for a longer max_seq_len or a smaller doc_stride",
            )
        return Pair(asking, reading, context, tuple(cut(len(reading.ids), room, asked.doc_stride)))

    def _tokens(self, text: str) -> Tokens | str:
        """A text's tokens, or why there are none."""
        if not text.strip():
            return "must not be blank"
        try:
            encoding = self._tokenizer.encode(text, add_special_tokens=False)
        except TypeError:  # of a str it means that UTF-8 cannot hold it
            return "holds half of a surrogate pair, which is no character"
        return Tokens.of(encoding) if len(encoding) else "holds nothing that this model can read"


def _refuse_question(row: int, message: str) -> NoReturn:
    raise InvalidInputError([Fault((row, QUESTION), message, "too_long")])
