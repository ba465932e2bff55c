"""Files of questions for a fine-tuning: their faults, and the repairs where only one is possible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from functions.core.errors import Fault
from functions.core.files import read_given
from model_export.question_answering.squad import FilePlace, Question, QuestionRecord, TrueAnswer, read_records

SHOWN_PLACES = 5


@dataclass(frozen=True, slots=True)
class CheckedRecord:
    """A record and everything that is wrong with it.

    The place of each fault is the file and the id, that of a value's type the place in the file.
    """

    record: QuestionRecord
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Repair:
    """`what` was done to the question at `place`, which is its file and id."""

    place: FilePlace
    what: str


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """`questions` are the good ones, repaired ones included; `bad` counts those that still have faults."""

    name: str
    questions: tuple[Question, ...]
    bad: int
    faults: tuple[Fault, ...]
    repairs: tuple[Repair, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        answerable = sum(bool(question.answers) for question in self.questions)
        return {
            "questions": len(self.questions) + self.bad,
            "good": len(self.questions),
            "answerable": answerable,
            "impossible": len(self.questions) - answerable,
            "bad": self.bad,
            "repairs": len(self.repairs),
        }


def check_file(path: Path, *, repair: bool) -> CheckedFile:
    """Read and check a file; raises InvalidInputError if it is not a file of questions."""
    reading = read_records(read_given(path), str(path))
    records, repairs = repair_records(reading.records) if repair else (reading.records, [])
    checked = check_records(records)
    good = tuple(one.record.question() for one in checked if not one.faults)
    faults = (*reading.faults, *(fault for one in checked for fault in one.faults))
    bad = len(reading.faults) + len(checked) - len(good)
    return CheckedFile(str(path), good, bad, faults, tuple(repairs))


def check_records(records: Sequence[QuestionRecord]) -> list[CheckedRecord]:
    """Each record with its faults. If several have the same id, the first is right and the others are wrong."""
    taken: dict[str, QuestionRecord] = {}
    checked = []
    for record in records:
        # Results are written by id, where a second question of the same id would overwrite the first.
        first = taken.setdefault(record.id, record)
        repeated = [] if first is record else [_repeated(record, first)]
        checked.append(CheckedRecord(record, (*repeated, *_record_faults(record))))
    return checked


def repair_records(records: Sequence[QuestionRecord]) -> tuple[list[QuestionRecord], list[Repair]]:
    """The records, and what was repaired.

    That is slips, wrong starts of texts that occur once, and answers to impossible questions, which are left out.
    Everything else stays as it is.
    """
    repaired = [_repaired(record) for record in records]
    return [record for record, _ in repaired], [repair for _, repairs in repaired for repair in repairs]


def occurrences(text: str, context: str) -> list[int]:
    """Every start of `text` in `context`, overlapping ones included."""
    starts = []
    start = context.find(text)
    while start >= 0:
        starts.append(start)
        start = context.find(text, start + 1)
    return starts


def _record_faults(record: QuestionRecord) -> Iterator[Fault]:
    yield from (slip.fault for slip in record.slips)
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


def _answer_faults(answer: TrueAnswer, record: QuestionRecord) -> Iterator[Fault]:
    if not answer.text.strip():
        yield _fault(record, f"an answer is empty (answer_start {answer.start})", "empty_answer")
    elif not _is_at_its_start(answer, record.context):
        what = f"the answer {answer.text!r} is not at {answer.start} of its context"
        yield _fault(record, f"{what}: {_where(answer, record.context)}", "offset")


def _where(answer: TrueAnswer, context: str) -> str:
    places = occurrences(answer.text, context)
    outside = "" if 0 <= answer.start < len(context) else f"that has {len(context)} characters, and "
    if not places:
        return f"{outside}the answer is nowhere in it"
    more = f" and {len(places) - SHOWN_PLACES} more" if len(places) > SHOWN_PLACES else ""
    return f"{outside}the answer is at {', '.join(map(str, places[:SHOWN_PLACES]))}{more}"


def _repeated(record: QuestionRecord, first: QuestionRecord) -> Fault:
    ours, theirs = (".".join(map(str, one.place[1:])) for one in (record, first))
    return _fault(record, f"{ours} has the same id as {theirs}", "repeated_id")


def _fault(record: QuestionRecord, message: str, kind: str) -> Fault:
    return Fault(_place(record), message, kind)


def _place(record: QuestionRecord) -> FilePlace:
    return record.place[0], record.id


def _is_at_its_start(answer: TrueAnswer, context: str) -> bool:
    return answer.start >= 0 and context.startswith(answer.text, answer.start)


def _repaired(record: QuestionRecord) -> tuple[QuestionRecord, list[Repair]]:
    pairs = [(answer, _repaired_answer(answer, record)) for answer in record.answers]
    repairs = [
        *(slip.remedy for slip in record.slips),
        *(_description(old, new) for old, new in pairs if new != old),
    ]
    repaired = replace(record, answers=tuple(new for _, new in pairs if new is not None), slips=())
    return repaired, [Repair(_place(record), what) for what in repairs]


def _repaired_answer(answer: TrueAnswer, record: QuestionRecord) -> TrueAnswer | None:
    """The answer with its right start, or None to leave it out, as Simple Transformers does of impossible questions."""
    if record.is_impossible:
        return None
    if not answer.text.strip() or _is_at_its_start(answer, record.context):
        return answer
    places = occurrences(answer.text, record.context)
    return replace(answer, start=places[0]) if len(places) == 1 else answer


def _description(old: TrueAnswer, new: TrueAnswer | None) -> str:
    if new is None:
        which = f"answer {old.text!r}" if old.text.strip() else f"empty answer (answer_start {old.start})"
        return f"the {which} of an impossible question is left out"
    return f"answer_start of {old.text!r} is {new.start}, not {old.start}"
