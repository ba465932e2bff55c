"""Lookups: the predictions of a batch by the id of their row, and the batch that answers for a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

import orjson

from functions.core.clock import now
from functions.core.errors import ConflictError, ObjectNotFoundError, PreconditionFailedError
from functions.core.records import read_record
from functions.core.storage import Storage
from functions.core.validator import ID_FAULT

AUTOMATIC = "batch"
"""The actor of a batch that answers lookups because it succeeded."""
POINTER_ATTEMPTS = 10
LONGEST_ID_CHARACTERS = 1000
MOST_LOOKUP_ROWS = 10_000_000
"""The most rows of a batch whose predictions are stored one by one; writing them costs far more than predicting."""
MOST_REMEMBERED = 100


@dataclass(frozen=True, slots=True)
class StoredPrediction:
    """The prediction of one row, as JSON; `line` is the line of the row in the file of its batch."""

    id: str
    line: int
    prediction: Any
    warnings: tuple[Mapping[str, Any], ...] = ()


class PredictionStore(Protocol):
    """Predictions by id, each batch apart from all others. Safe among threads and processes."""

    def write(self, model: str, batch: str, predictions: Sequence[StoredPrediction]) -> None:
        """Store predictions, over others of the same batch and id."""
        ...

    def read(self, model: str, batch: str, ids: Sequence[str]) -> dict[str, StoredPrediction]:
        """The predictions of a batch for those of the ids that it has."""
        ...

    def remove(self, model: str, batch: str, ids: Sequence[str]) -> None:
        """Remove the predictions of these ids at once; do nothing for those that are not there."""
        ...

    def delete(self, model: str, batch: str) -> None:
        """Remove the predictions of a batch, at once or after some time; do nothing if there are none."""
        ...


@dataclass(frozen=True, slots=True)
class AnsweringBatch:
    """The batch whose predictions are looked up: since when, who chose it, and which one answered before.

    `replaced` are the batches that answered and do no more, the newest last; none of them takes over by itself again.
    """

    batch: str
    created: str
    time: str
    actor: str
    previous: str | None = None
    replaced: tuple[str, ...] = ()

    def to_json(self) -> bytes:
        return orjson.dumps(asdict(self))


def id_fault(value: str) -> tuple[str, str] | None:
    """The message and the kind of the fault of an id that cannot be looked up; None for a sound one."""
    if not value:
        return f"no id, by which the prediction would be looked up; {ID_FAULT}", "missing"
    if len(value) > LONGEST_ID_CHARACTERS:
        return f"an id of {len(value)} characters is longer than {LONGEST_ID_CHARACTERS}", "string_too_long"
    return None


def answering_batch(records: Storage, model: str) -> AnsweringBatch | None:
    """The batch that answers lookups of a model; None if none does. Raises DamagedRecordError."""
    found = _answering(records, model)
    return None if found is None else found[0]


def let_answer(records: Storage, model: str, batch: str, created: str, *, actor: str, ended: str | None = None) -> bool:
    """Let a batch answer from now on, which the `actor` chose; or, where it `ended` at a time, because it succeeded.

    In the second case it answers only if it is newer than the one that does, has not been replaced before, and no
    person chose one since it ended. Returns False if it does not answer. Raises ConflictError if others change the
    pointer all the time.
    """
    for _ in range(POINTER_ATTEMPTS):
        found = _answering(records, model)
        current = None if found is None else found[0]
        if current is not None and current.batch == batch:
            return True
        if current is not None and ended is not None and not _is_followed_by(current, batch, created, ended):
            return False
        wanted = AnsweringBatch(batch, created, now(), actor)
        if current is not None:
            replaced = (*(one for one in current.replaced if one != current.batch), current.batch)
            wanted = replace(wanted, previous=current.batch, replaced=replaced[-MOST_REMEMBERED:])
        try:
            if found is None:
                records.create(_key(model), wanted.to_json())
            else:
                records.replace(_key(model), wanted.to_json(), found[1])
        except PreconditionFailedError:
            continue
        return True
    raise ConflictError(f"the batch that answers for {model} changes all the time: try again")


def _is_followed_by(current: AnsweringBatch, batch: str, created: str, ended: str) -> bool:
    is_chosen_since = current.actor != AUTOMATIC and current.time > ended
    return created > current.created and batch not in current.replaced and not is_chosen_since


def _answering(records: Storage, model: str) -> tuple[AnsweringBatch, str] | None:
    key = _key(model)
    try:
        stored = records.read(key)
    except ObjectNotFoundError:
        return None
    return read_record(stored.body, AnsweringBatch, key), stored.etag


def _key(model: str) -> str:
    return f"models/{model}/predictions.json"
