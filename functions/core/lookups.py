"""Lookups: the predictions of a batch by the id of their row, and the batch that answers for a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import orjson

from functions.core.batches import Batch
from functions.core.clock import now
from functions.core.errors import ConflictError, ObjectNotFoundError, PreconditionFailedError
from functions.core.records import read_record
from functions.core.storage import Storage

POINTER_ATTEMPTS = 10


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

    def delete(self, model: str, batch: str) -> None:
        """Remove the predictions of a batch, at once or after some time; do nothing if there are none."""
        ...


@dataclass(frozen=True, slots=True)
class AnsweringBatch:
    """The batch whose predictions are looked up: since when, who chose it, and which one answered before.

    `version` made its predictions, which were whole at the time `predicted`.
    """

    batch: str
    version: int
    created: str
    predicted: str
    time: str
    actor: str
    previous: str | None = None

    def to_json(self) -> bytes:
        return orjson.dumps(asdict(self))


def answering_batch(records: Storage, model: str) -> AnsweringBatch | None:
    """The batch that answers lookups of a model; None if none does. Raises DamagedRecordError."""
    found = _answering(records, model)
    return None if found is None else found[0]


def let_answer(records: Storage, batch: Batch, *, actor: str, is_chosen: bool) -> bool:
    """Let a batch answer from now on. One that was not chosen by a person answers only if none that is newer does, and
    if nobody has chosen another since it ended: run again, that changes nothing.

    Returns False if it does not take over. Raises ConflictError for a batch whose predictions cannot be looked up, and
    if others change the pointer all the time.
    """
    plan, result = batch.plan, batch.result
    if plan is None or result is None or not batch.can_answer:
        raise ConflictError(f"batch {batch.batch} cannot answer: {_hindrance(batch)}")
    key = _key(batch.model)
    for _ in range(POINTER_ATTEMPTS):
        found = _answering(records, batch.model)
        current = None if found is None else found[0]
        if current is not None:
            if current.batch == batch.batch:
                return True
            if not is_chosen and (current.created >= batch.created or current.time > result.time):
                return False
        previous = None if current is None else current.batch
        wanted = AnsweringBatch(batch.batch, plan.version, batch.created, result.time, now(), actor, previous)
        try:
            if found is None:
                records.create(key, wanted.to_json())
            else:
                records.replace(key, wanted.to_json(), found[1])
        except PreconditionFailedError:
            continue
        return True
    raise ConflictError(f"the batch that answers for {batch.model} changes all the time: try again")


def _hindrance(batch: Batch) -> str:
    if batch.result is None or batch.result.state != "succeeded":
        return "it has not succeeded"
    return batch.result.no_lookup or "it has no lookups"


def _answering(records: Storage, model: str) -> tuple[AnsweringBatch, str] | None:
    key = _key(model)
    try:
        stored = records.read(key)
    except ObjectNotFoundError:
        return None
    return read_record(stored.body, AnsweringBatch, key), stored.etag


def _key(model: str) -> str:
    return f"models/{model}/predictions.json"
