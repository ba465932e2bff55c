"""Reader of files of questions and answers: SQuAD 1.1 and 2.0, and the list form of Simple Transformers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions.core.errors import Fault, InvalidInputError

FilePlace = tuple[str | int, ...]
"""The file's name, then keys and indices."""
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""JSON can escape half of a pair, which neither UTF-8 nor a tokenizer can hold."""


@dataclass(frozen=True, slots=True)
class TrueAnswer:
    """An answer of a file; `start` counts the characters (code points) of the context before it."""

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a file; without answers it is impossible."""

    id: str
    text: str
    context: str
    answers: tuple[TrueAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionRecord:
    """A question of a file, of the right types but otherwise unchecked.

    Its place is its id if the file gives none. `answers` may hold empty ones, and answers to a question that
    `is_impossible`.
    """

    place: FilePlace
    id: str
    text: str
    context: str
    answers: tuple[TrueAnswer, ...]
    is_impossible: bool

    def question(self) -> Question:
        """The question without its empty answers, which Simple Transformers writes for an impossible question."""
        answers = () if self.is_impossible else tuple(answer for answer in self.answers if answer.text)
        return Question(self.id, self.text, self.context, answers)


@dataclass(frozen=True, slots=True)
class Reading:
    """The questions of a file in its order, and a fault for each that could not be read."""

    records: tuple[QuestionRecord, ...]
    faults: tuple[Fault, ...]


def read_questions(body: bytes, name: str) -> list[Question]:
    """All questions of a file, in its order; raises InvalidInputError that names the file and each fault's place.

    It is not checked that the text of an answer is at its start.
    """
    reading = read_records(body, name)
    if reading.faults:
        raise InvalidInputError(reading.faults)
    return [record.question() for record in reading.records]


def read_records(body: bytes, name: str) -> Reading:
    """The contents of a file; raises InvalidInputError if it is not a file of questions at all.

    `{"data": [{"paragraphs": [{"context", "qas"}]}]}` is SQuAD, `[{"context", "qas"}]` Simple Transformers.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _error((name,), f"is not JSON: {error}") from None
    records: list[QuestionRecord] = []
    faults: list[Fault] = []
    for place, paragraph in _paragraphs(document, name):
        for result in _questions(paragraph, place):
            if isinstance(result, QuestionRecord):
                records.append(result)
            else:
                faults.append(result)
    if not records and not faults:
        raise _error((name,), "holds no question")
    return Reading(tuple(records), tuple(faults))


def _paragraphs(document: Any, name: str) -> Iterator[tuple[FilePlace, Any]]:
    if isinstance(document, list):
        for number, paragraph in enumerate(document):
            yield (name, number), paragraph
        return
    if not isinstance(document, dict) or "data" not in document:
        raise _error((name,), 'is neither SQuAD ({"data": [...]}) nor a list of contexts with their qas')
    for number, article in enumerate(_list(document, "data", (name,))):
        place: FilePlace = (name, "data", number)
        for inner, paragraph in enumerate(_list(article, "paragraphs", place)):
            yield (*place, "paragraphs", inner), paragraph


def _questions(paragraph: Any, place: FilePlace) -> Iterator[QuestionRecord | Fault]:
    try:
        bodies = _list(paragraph, "qas", place)
    except InvalidInputError as error:
        yield from error.faults
        return
    for number, body in enumerate(bodies):
        inner: FilePlace = (*place, "qas", number)
        try:
            yield _record(paragraph, body, inner)
        except InvalidInputError as error:
            yield from (_with_id(fault, body) for fault in error.faults)


def _record(paragraph: Mapping[str, Any], body: Any, place: FilePlace) -> QuestionRecord:
    context = _text(paragraph, "context", place[:-2])
    text = _text(body, "question", place)
    is_impossible = body.get("is_impossible", False)
    if not isinstance(is_impossible, bool):
        raise _error((*place, "is_impossible"), f"must be true or false, not {is_impossible!r}")
    listed = () if is_impossible and "answers" not in body else _list(body, "answers", place)
    answers = tuple(_answer(answer, (*place, "answers", number)) for number, answer in enumerate(listed))
    return QuestionRecord(place, _id(body, place), text, context, answers, is_impossible)


def _answer(answer: Any, place: FilePlace) -> TrueAnswer:
    text = _text(answer, "text", place)
    start = answer.get("answer_start")
    if not isinstance(start, int) or isinstance(start, bool):
        raise _error((*place, "answer_start"), f"must be a whole number, not {start!r}")
    return TrueAnswer(text, start)


def _id(body: Mapping[str, Any], place: FilePlace) -> str:
    identity = body.get("id")
    if identity is None:
        return ".".join(map(str, place[1:]))
    if not isinstance(identity, str | int) or isinstance(identity, bool) or identity == "":
        raise _error((*place, "id"), f"must be a text or a whole number, not {identity!r}")
    return str(identity)


def _list(body: Any, key: str, place: FilePlace) -> Sequence[Any]:
    value = body.get(key) if isinstance(body, dict) else None
    if not isinstance(value, list):
        raise _error((*place, key), "must be a list")
    return value


def _text(body: Any, key: str, place: FilePlace) -> str:
    value = body.get(key) if isinstance(body, dict) else None
    if not isinstance(value, str):
        raise _error((*place, key), "must be a text")
    if LONE_SURROGATE.search(value):
        raise _error((*place, key), "holds half a character (a lone surrogate)")
    return value


def _with_id(fault: Fault, body: Any) -> Fault:
    identity = body.get("id") if isinstance(body, dict) else None
    return fault if identity is None else Fault(fault.loc, f"{fault.msg} (question {identity})", fault.type)


def _error(place: FilePlace, message: str) -> InvalidInputError:
    return InvalidInputError([Fault(place, message, "squad")])
