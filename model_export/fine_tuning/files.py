"""A file of questions for a fine-tuning, checked from end to end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from functions.core.errors import Fault, InvalidInputError
from model_export.fine_tuning.records import check
from model_export.fine_tuning.repairs import Repair, repaired
from model_export.question_answering.squad import Question, read_records


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """`questions` are the good ones, with what was repaired; `bad` counts those with faults that are left."""

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
    """The file's questions and all that is wrong with it; raises InvalidInputError if it is no file of questions."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise InvalidInputError([Fault((str(path),), f"cannot be read: {error.strerror}", "unreadable")]) from None
    reading = read_records(body, str(path))
    records, repairs = repaired(reading.records) if repair else (reading.records, [])
    checked = check(records)
    good = tuple(one.record.question() for one in checked if not one.faults)
    faults = (*reading.faults, *(fault for one in checked for fault in one.faults))
    bad = len(reading.faults) + len(checked) - len(good)
    return CheckedFile(str(path), good, bad, faults, tuple(repairs))
