"""Settings of a question-answering version (answering.json), and the parameters that one request may set.

The file has no format version: an earlier Despliegue refuses any key that it does not know, as it should.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import orjson
from msgspec import Meta

from functions.core.documents import fault, read_document, require_no_faults
from functions.core.errors import DamagedVersionError, DocumentError, Fault, InvalidInputError
from functions.core.tasks import ANSWERING
from functions.predictors.parameters import PARAMETERS, read_parameters

MOST_ANSWERS = 100
LARGEST_OVERLAP = 128
"""The default doc_stride of the pipeline of transformers, which also takes half a window if that is less."""
Length = Annotated[int, Meta(ge=1)]
Overlap = Annotated[int, Meta(ge=0)]


@dataclass(frozen=True, slots=True)
class AnsweringSettings:
    """Answering settings of a version, for what a request leaves open.

    `max_length` is the most tokens of one window, special tokens included, `max_question_len` of a question alone,
    and `max_answer_len` of an answer. Windows of `max_length` share `doc_stride` tokens; if it is None, as many as
    windows of other lengths. With `handle_impossible_answer` the empty text is an answer as well: the best one if the
    logarithm of its score exceeds that of any other's by more than `null_score_diff_threshold`.
    """

    max_length: Length
    max_question_len: Length = 64
    max_answer_len: Length = 15
    handle_impossible_answer: bool = False
    doc_stride: Overlap | None = None
    null_score_diff_threshold: float = 0.0

    def __post_init__(self) -> None:
        if self.doc_stride is not None and self.doc_stride >= self.max_length:
            expected = f"a whole number less than max_length {self.max_length}"
            require_no_faults(ANSWERING, [fault("doc_stride", expected, self.doc_stride)])

    def overlap(self, length: int) -> int:
        """Number of tokens that windows of `length` tokens share."""
        if self.doc_stride is not None and length == self.max_length:
            return self.doc_stride
        return min(length // 2, LARGEST_OVERLAP)

    def to_json(self) -> bytes:
        document = asdict(self)
        if not self.null_score_diff_threshold:
            # an earlier Despliegue serves the version too
            del document["null_score_diff_threshold"]
        return orjson.dumps(document)

    @classmethod
    def from_json(cls, body: bytes) -> AnsweringSettings:
        """Read answering.json; raises DamagedVersionError if it holds no settings."""
        try:
            return read_document(orjson.loads(body), cls, ANSWERING)
        except DocumentError as error:
            raise DamagedVersionError(f"{ANSWERING} cannot be read: {error.brief}") from error
        except orjson.JSONDecodeError as error:
            raise DamagedVersionError(f"{ANSWERING} cannot be read: {error}") from error


@dataclass(frozen=True, slots=True)
class AnsweringParameters:
    """Parameters of a request, under Hugging Face's names; None leaves one to the model.

    Lengths count tokens: `max_answer_len` of an answer, `max_seq_len` of a window (the model's maximum by default),
    `doc_stride` shared by a window and the next (by default the model's own, or half a window and 128 at most).
    """

    top_k: Annotated[int, Meta(ge=1, le=MOST_ANSWERS)] = 1
    doc_stride: Overlap | None = None
    max_answer_len: Length | None = None
    max_seq_len: Length | None = None
    max_question_len: Length | None = None
    handle_impossible_answer: bool | None = None
    align_to_words: bool = True

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> AnsweringParameters:
        """Read parameters from JSON, where null is the same as absent.

        Raises InvalidInputError with all faults; the place of each is ("parameters", name).
        """
        parameters = read_parameters(mapping, cls)
        if parameters.max_seq_len is not None:
            _refuse_wide_overlap(parameters.doc_stride, parameters.max_seq_len)
        return parameters

    def resolved(self, settings: AnsweringSettings) -> Answering:
        """Fill open parameters with the model's own values.

        Raises InvalidInputError, placed at ("parameters", name), for more than the model can do.
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
            null_score_diff_threshold=settings.null_score_diff_threshold,
        )


@dataclass(frozen=True, slots=True)
class Answering:
    """Parameters of a request, none of them open."""

    top_k: int
    doc_stride: int
    max_answer_len: int
    max_seq_len: int
    max_question_len: int
    handle_impossible_answer: bool
    align_to_words: bool
    null_score_diff_threshold: float = 0.0

    @property
    def candidates(self) -> int:
        """Number of spans to take from a window: several may widen to the same whole words."""
        # the numbers of the pipeline of transformers, so that answers are the same
        return self.top_k * 2 + 10 if self.align_to_words else self.top_k


def _refuse_wide_overlap(doc_stride: int | None, max_seq_len: int) -> None:
    if doc_stride is not None and doc_stride >= max_seq_len:
        message = f"windows of {max_seq_len} tokens cannot share {doc_stride}: ask for less, or a longer max_seq_len"
        raise InvalidInputError([_placed("doc_stride", message, "less_than")])


def _placed(name: str, message: str, kind: str) -> Fault:
    return Fault((PARAMETERS, name), message, kind)
