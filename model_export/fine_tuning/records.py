"""What is wrong with the questions of a file, each fault under the id of its question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from functions.core.errors import Fault
from model_export.question_answering.squad import Answer, Record

SHOWN_PLACES = 5


@dataclass(frozen=True, slots=True)
class Checked:
    """A record and all that is wrong with it; each fault's place is the file and the id."""

    record: Record
    faults: tuple[Fault, ...]


def check(records: Sequence[Record]) -> list[Checked]:
    """Each record with its faults. Of several with one id the first is right and all others are wrong."""
    taken: dict[str, Record] = {}
    found = []
    for record in records:
        first = taken.setdefault(record.id, record)
        repeated = [] if first is record else [_repeated(record, first)]
        found.append(Checked(record, (*repeated, *_faults(record))))
    return found


def occurrences(text: str, context: str) -> list[int]:
    """Every start of `text` in `context`, also of those that overlap."""
    found = []
    start = context.find(text)
    while start >= 0:
        found.append(start)
        start = context.find(text, start + 1)
    return found


def stands_at_its_start(answer: Answer, context: str) -> bool:
    return answer.start >= 0 and context.startswith(answer.text, answer.start)


def place_of(record: Record) -> tuple[str | int, ...]:
    """The file and the id."""
    return record.place[0], record.id


def _faults(record: Record) -> Iterator[Fault]:
    if not record.text.strip():
        yield _fault(record, "the question is empty", "empty_question")
    if not record.context.strip():
        yield _fault(record, "the context is empty", "empty_context")
    if not record.is_impossible and not record.answers:
        yield _fault(record, "has no answer, but is_impossible is not true", "unanswered")
    count = sum(bool(answer.text.strip()) for answer in record.answers)
    if record.is_impossible and count:
        yield _fault(record, f"is_impossible is true, but it has answers ({count})", "impossible_answered")
    for answer in record.answers:
        yield from _answer_faults(answer, record)


def _answer_faults(answer: Answer, record: Record) -> Iterator[Fault]:
    if not answer.text.strip():
        yield _fault(record, f"an answer is empty (answer_start {answer.start})", "empty_answer")
    elif not stands_at_its_start(answer, record.context):
        what = f"the answer {answer.text!r} is not at {answer.start} of its context"
        yield _fault(record, f"{what}: {_where(answer, record.context)}", "offset")


def _where(answer: Answer, context: str) -> str:
    places = occurrences(answer.text, context)
    outside = "" if 0 <= answer.start < len(context) else f"that has {len(context)} characters, and "
    if not places:
        return f"{outside}the answer is nowhere in it"
    more = f" and {len(places) - SHOWN_PLACES} more" if len(places) > SHOWN_PLACES else ""
    return f"{outside}the answer is at {', '.join(map(str, places[:SHOWN_PLACES]))}{more}"


def _repeated(record: Record, first: Record) -> Fault:
    ours, theirs = (".".join(map(str, one.place[1:])) for one in (record, first))
    return _fault(record, f"the id of {ours} is that of {theirs} too", "repeated_id")


def _fault(record: Record, message: str, kind: str) -> Fault:
    return Fault(place_of(record), message, kind)
