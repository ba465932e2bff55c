"""answering.json: what a question-answering model keeps to, and what one request may ask of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import orjson

from functions.core.column_check import whole
from functions.core.errors import DamagedVersionError, Fault, InvalidInputError
from functions.core.tasks import ANSWERING

MOST_ANSWERS = 100
LARGEST_OVERLAP = 128


@dataclass(frozen=True, slots=True)
class AnsweringSettings:
    """What a version answers with unless a request asks otherwise.

    `max_length` is the most tokens of one window, special tokens included, `max_question_len` of a question alone,
    and `max_answer_len` of an answer; windows of `max_length` share `doc_stride` tokens, as many as other windows do
    if that is None. With `handle_impossible_answer` the empty text is an answer as well.
    """

    max_length: int
    max_question_len: int = 64
    max_answer_len: int = 15
    handle_impossible_answer: bool = False
    doc_stride: int | None = None

    def __post_init__(self) -> None:
        lengths = (self.max_length, self.max_question_len, self.max_answer_len)
        if any(type(one) is not int or one < 1 for one in lengths) or type(self.handle_impossible_answer) is not bool:
            raise ValueError(f"{self}: lengths are whole numbers from 1, handle_impossible_answer is true or false")
        if self.doc_stride is not None and not (
            type(self.doc_stride) is int and 0 <= self.doc_stride < self.max_length
        ):
            raise ValueError(f"{self}: doc_stride is a whole number from 0, less than max_length")

    def overlap(self, length: int) -> int:
        """Tokens that windows of `length` tokens share."""
        if self.doc_stride is not None and length == self.max_length:
            return self.doc_stride
        return min(length // 2, LARGEST_OVERLAP)

    def to_json(self) -> bytes:
        return orjson.dumps(asdict(self))

    @classmethod
    def from_json(cls, body: bytes) -> AnsweringSettings:
        """Raises DamagedVersionError for what are no settings."""
        try:
            return cls(**orjson.loads(body))
        except (TypeError, ValueError) as error:
            raise DamagedVersionError(f"{ANSWERING} cannot be read: {error}") from error


@dataclass(frozen=True, slots=True)
class AnsweringParameters:
    """What a request may ask, under Hugging Face's names; None leaves it to the model.

    Lengths count tokens: `max_answer_len` of an answer, `max_seq_len` of a window (the model's maximum by default),
    `doc_stride` shared by a window and the next (by default the model's own, or half a window and 128 at most).
    """

    top_k: int = 1
    doc_stride: int | None = None
    max_answer_len: int | None = None
    max_seq_len: int | None = None
    max_question_len: int | None = None
    handle_impossible_answer: bool | None = None
    align_to_words: bool = True

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> AnsweringParameters:
        """Parameters out of JSON, where null is the same as absent.

        Raises InvalidInputError with all faults, each under ("parameters", name).
        """
        given = {name: whole(value) for name, value in mapping.items() if value is not None}
        messages = {name: _fault(name, value) for name, value in given.items()}
        faults = [_placed(name, *found) for name, found in messages.items() if found]
        if faults:
            raise InvalidInputError(faults)
        parameters = cls(**given)
        if parameters.max_seq_len is not None:
            _refuse_wide_overlap(parameters.doc_stride, parameters.max_seq_len)
        return parameters

    def resolved(self, settings: AnsweringSettings) -> Answering:
        """With the model's own values where none are asked for.

        Raises InvalidInputError, under ("parameters", name), for more than the model can do.
        """
        longest = self.max_seq_len or settings.max_length
        if longest > settings.max_length:
            message = f"must be at most {settings.max_length}, the most tokens that this model reads at once"
            raise InvalidInputError([_placed("max_seq_len", message, "less_than_equal")])
        _refuse_wide_overlap(self.doc_stride, longest)
        is_null_allowed = self.handle_impossible_answer
        return Answering(
            top_k=self.top_k,
            doc_stride=settings.overlap(longest) if self.doc_stride is None else self.doc_stride,
            max_answer_len=self.max_answer_len or settings.max_answer_len,
            max_seq_len=longest,
            max_question_len=self.max_question_len or settings.max_question_len,
            handle_impossible_answer=settings.handle_impossible_answer if is_null_allowed is None else is_null_allowed,
            align_to_words=self.align_to_words,
        )


@dataclass(frozen=True, slots=True)
class Answering:
    """Parameters with nothing left open."""

    top_k: int
    doc_stride: int
    max_answer_len: int
    max_seq_len: int
    max_question_len: int
    handle_impossible_answer: bool
    align_to_words: bool

    @property
    def candidates(self) -> int:
        """How many spans of a window to look at: when whole words are answered, several come to the same."""
        return self.top_k * 2 + 10 if self.align_to_words else self.top_k


NAMES = tuple(one.name for one in fields(AnsweringParameters))
FLAGS = frozenset({"handle_impossible_answer", "align_to_words"})
LEAST = {"doc_stride": 0}
MOST = {"top_k": MOST_ANSWERS}


def _fault(name: str, value: object) -> tuple[str, str] | None:
    """The message and the type of what is wrong with one parameter."""
    if name not in NAMES:
        return f"unknown; known: {', '.join(NAMES)}", "extra"
    if name in FLAGS:
        return None if isinstance(value, bool) else ("true or false is expected", "bool_type")
    least = LEAST.get(name, 1)
    if isinstance(value, bool) or not isinstance(value, int):
        return f"a whole number from {least} is expected", "int_type"
    if value < least:
        return f"must be at least {least}", "greater_than_equal"
    if value > MOST.get(name, value):
        return f"must be at most {MOST[name]}", "less_than_equal"
    return None


def _refuse_wide_overlap(doc_stride: int | None, max_seq_len: int) -> None:
    if doc_stride is not None and doc_stride >= max_seq_len:
        message = f"windows of {max_seq_len} tokens cannot share {doc_stride}: ask for less, or a longer max_seq_len"
        raise InvalidInputError([_placed("doc_stride", message, "less_than")])


def _placed(name: str, message: str, kind: str) -> Fault:
    return Fault(("parameters", name), message, kind)
