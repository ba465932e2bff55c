"""Files of questions with their answers: SQuAD 1.1 and 2.0, and the list form of Simple Transformers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions.core.errors import Fault, InvalidInputError


@dataclass(frozen=True, slots=True)
class Answer:
    """`start` counts the characters (code points) of the context before the answer."""

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a file; without answers it is impossible."""

    id: str
    text: str
    context: str
    answers: tuple[Answer, ...] = ()


def read_questions(body: bytes, name: str) -> list[Question]:
    """All questions of a file, in its order; raises InvalidInputError that names the file and the place.

    `{"data": [{"paragraphs": [{"context", "qas"}]}]}` is SQuAD, `[{"context", "qas"}]` Simple Transformers. Whether
    an answer's text stands at its start is not checked.
    """
    try:
        document = json.loads(body)
    except ValueError as error:
        raise _fault((name,), f"is no JSON: {error}") from None
    found = [one for place, paragraph in _paragraphs(document, name) for one in _questions(paragraph, place)]
    if not found:
        raise _fault((name,), "holds no question")
    return found


Place = tuple[str | int, ...]


def _paragraphs(document: Any, name: str) -> Iterator[tuple[Place, Any]]:
    if isinstance(document, list):
        for number, paragraph in enumerate(document):
            yield (name, number), paragraph
        return
    if not isinstance(document, dict) or "data" not in document:
        raise _fault((name,), 'is neither SQuAD ({"data": [...]}) nor a list of contexts with their qas')
    for number, article in enumerate(_list(document, "data", (name,))):
        place: Place = (name, "data", number)
        for inner, paragraph in enumerate(_list(article, "paragraphs", place)):
            yield (*place, "paragraphs", inner), paragraph


def _questions(paragraph: Any, place: Place) -> Iterator[Question]:
    context = _text(paragraph, "context", place)
    for number, body in enumerate(_list(paragraph, "qas", place)):
        inner: Place = (*place, "qas", number)
        text = _text(body, "question", inner)
        is_impossible = body.get("is_impossible", False) is True
        answers = () if is_impossible else tuple(_answers(body, inner))
        yield Question(str(body.get("id", number)), text, context, answers)


def _answers(body: Mapping[str, Any], place: Place) -> Iterator[Answer]:
    for number, answer in enumerate(_list(body, "answers", place)):
        inner: Place = (*place, "answers", number)
        text = _text(answer, "text", inner)
        start = answer.get("answer_start")
        if not isinstance(start, int) or isinstance(start, bool):
            raise _fault((*inner, "answer_start"), f"must be a whole number, not {start!r}")
        if text:  # Simple Transformers writes an empty answer for an impossible question
            yield Answer(text, start)


def _list(body: Any, key: str, place: Place) -> Sequence[Any]:
    found = body.get(key) if isinstance(body, dict) else None
    if not isinstance(found, list):
        raise _fault((*place, key), "must be a list")
    return found


def _text(body: Any, key: str, place: Place) -> str:
    found = body.get(key) if isinstance(body, dict) else None
    if not isinstance(found, str):
        raise _fault((*place, key), "must be a text")
    return found


def _fault(place: Place, message: str) -> InvalidInputError:
    return InvalidInputError([Fault(place, message, "squad")])
