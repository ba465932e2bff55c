"""Reader of files of questions and answers: SQuAD 1.1 and 2.0, and the list form of Simple Transformers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from functions.core.errors import Fault, InvalidInputError

FilePlace = tuple[str | int, ...]
"""The file's name, then keys and indices."""
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""JSON can escape half of a pair, which neither UTF-8 nor a tokenizer can hold."""
WHOLE_NUMBER = re.compile(r"-?[0-9]{1,9}(\.0+)?")
"""A text that is a whole number, as tables of numbers write it that had an empty cell."""


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
class Slip:
    """A value of a wrong type that can mean one thing alone, and `remedy`, which says what it was read as."""

    fault: Fault
    remedy: str


@dataclass(frozen=True, slots=True)
class QuestionRecord:
    """A question of a file, of the right types but otherwise unchecked.

    Its place is its id if the file gives none. `answers` may hold empty ones, and answers to a question that
    `is_impossible`; `slips` are the values that the file has in another type.
    """

    place: FilePlace
    id: str
    text: str
    context: str
    answers: tuple[TrueAnswer, ...]
    is_impossible: bool
    slips: tuple[Slip, ...] = ()

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
    faults = [*reading.faults, *(slip.fault for record in reading.records for slip in record.slips)]
    if faults:
        raise InvalidInputError(faults)
    return [record.question() for record in reading.records]


def read_records(body: bytes, name: str) -> Reading:
    """The contents of a file; raises InvalidInputError if it is not a file of questions at all.

    `{"data": [{"paragraphs": [{"context", "qas"}]}]}` is SQuAD, `[{"context", "qas"}]` Simple Transformers, whose list
    may also be the `data`.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _error((name,), f"is not JSON: {error}") from None
    records: list[QuestionRecord] = []
    faults: list[Fault] = []
    for result in _results(document, name):
        if isinstance(result, QuestionRecord):
            records.append(result)
        else:
            faults.append(result)
    if not records and not faults:
        raise _error((name,), "holds no question")
    return Reading(tuple(records), tuple(faults))


def _results(document: Any, name: str) -> Iterator[QuestionRecord | Fault]:
    if isinstance(document, list):
        for number, paragraph in enumerate(document):
            yield from _with_faults(_questions(paragraph, (name, number)))
        return
    if not isinstance(document, dict) or "data" not in document:
        raise _error((name,), 'is neither SQuAD ({"data": [...]}) nor a list of contexts with their qas')
    for number, article in enumerate(_list(document, "data", (name,))):
        yield from _with_faults(_article(article, (name, "data", number)))


def _with_faults(results: Iterator[QuestionRecord | Fault]) -> Iterator[QuestionRecord | Fault]:
    """The results, and the faults of the error that ends them, if one does: what comes after this part is read too."""
    try:
        yield from results
    except InvalidInputError as error:
        yield from error.faults


def _article(article: Any, place: FilePlace) -> Iterator[QuestionRecord | Fault]:
    if isinstance(article, dict) and "qas" in article and "paragraphs" not in article:
        yield from _questions(article, place)
        return
    for number, paragraph in enumerate(_list(article, "paragraphs", place)):
        yield from _with_faults(_questions(paragraph, (*place, "paragraphs", number)))


def _questions(paragraph: Any, place: FilePlace) -> Iterator[QuestionRecord | Fault]:
    for number, body in enumerate(_list(paragraph, "qas", place)):
        inner: FilePlace = (*place, "qas", number)
        try:
            yield _record(paragraph, body, inner)
        except InvalidInputError as error:
            yield from (_with_id(fault, body) for fault in error.faults)


def _record(paragraph: Mapping[str, Any], body: Any, place: FilePlace) -> QuestionRecord:
    context = _text(paragraph, "context", place[:-2])
    text = _text(body, "question", place)
    slips: list[Slip] = []
    is_impossible = _is_impossible(body, place, slips)
    answers = _answers(body, place, slips, is_impossible=is_impossible)
    named = tuple(replace(slip, fault=_with_id(slip.fault, body)) for slip in slips)
    return QuestionRecord(place, _id(body, place), text, context, answers, is_impossible, named)


def _is_impossible(body: Mapping[str, Any], place: FilePlace, slips: list[Slip]) -> bool:
    value = body.get("is_impossible", False)
    if isinstance(value, bool):
        return value
    fault = _fault((*place, "is_impossible"), f"must be true or false, not {value!r}")
    # beside an answer null says no, as 0 does; what contradicts the answers is not certain
    is_impossible = bool(value == 1)
    if value not in (None, 0, 1) or is_impossible == _has_answer(body):
        raise InvalidInputError([fault])
    slips.append(Slip(fault, f"is_impossible is {json.dumps(is_impossible)}, not {value!r}"))
    return is_impossible


def _has_answer(body: Mapping[str, Any]) -> bool:
    listed = body.get("answers")
    texts = [answer.get("text") for answer in listed if isinstance(answer, dict)] if isinstance(listed, list) else []
    return any(isinstance(text, str) and text.strip() for text in texts)


def _answers(
    body: Mapping[str, Any], place: FilePlace, slips: list[Slip], *, is_impossible: bool
) -> tuple[TrueAnswer, ...]:
    if is_impossible and "answers" not in body:
        return ()
    own: list[Slip] = []
    try:
        listed = _list(body, "answers", place)
        answers = tuple(_answer(answer, (*place, "answers", number), own) for number, answer in enumerate(listed))
    except InvalidInputError as error:
        if not is_impossible:
            raise
        slips += (Slip(fault, "the answers of an impossible question are left out") for fault in error.faults)
        return ()
    slips += own
    return answers


def _answer(answer: Any, place: FilePlace, slips: list[Slip]) -> TrueAnswer:
    text = _text(answer, "text", place)
    start = answer.get("answer_start")
    if isinstance(start, int) and not isinstance(start, bool):
        return TrueAnswer(text, start)
    fault = _fault((*place, "answer_start"), f"must be a whole number, not {start!r}")
    is_whole = isinstance(start, float) and start.is_integer()
    if not is_whole and not (isinstance(start, str) and WHOLE_NUMBER.fullmatch(start)):
        raise InvalidInputError([fault])
    meant = int(float(start))
    slips.append(Slip(fault, f"answer_start of {text!r} is {meant}, not {start!r}"))
    return TrueAnswer(text, meant)


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


def _fault(place: FilePlace, message: str) -> Fault:
    return Fault(place, message, "squad")


def _error(place: FilePlace, message: str) -> InvalidInputError:
    return InvalidInputError([_fault(place, message)])
