"""Repairs of questions, where only one is possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from model_export.fine_tuning.records import occurrences, place_of, stands_at_its_start
from model_export.question_answering.squad import Answer, Record


@dataclass(frozen=True, slots=True)
class Repair:
    """What was done to a question; `place` is its file and id."""

    place: tuple[str | int, ...]
    what: str


def repaired(records: Sequence[Record]) -> tuple[list[Record], list[Repair]]:
    """The records with what is certain put right: wrong starts of texts that occur once, and empty answers to
    impossible questions. The rest stays as it is."""
    found = [_repaired(record) for record in records]
    return [record for record, _ in found], [repair for _, repairs in found for repair in repairs]


def _repaired(record: Record) -> tuple[Record, list[Repair]]:
    pairs = [(answer, _put_right(answer, record)) for answer in record.answers]
    repairs = [Repair(place_of(record), _told(old, new)) for old, new in pairs if new != old]
    return replace(record, answers=tuple(new for _, new in pairs if new is not None)), repairs


def _put_right(answer: Answer, record: Record) -> Answer | None:
    """None to leave it out."""
    if not answer.text.strip():
        return None if record.is_impossible else answer
    if stands_at_its_start(answer, record.context):
        return answer
    places = occurrences(answer.text, record.context)
    return replace(answer, start=places[0]) if len(places) == 1 else answer


def _told(old: Answer, new: Answer | None) -> str:
    if new is None:
        return f"the empty answer (answer_start {old.start}) of an impossible question is left out"
    return f"answer_start of {old.text!r} is {new.start}, not {old.start}"
