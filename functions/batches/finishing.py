"""The end of a batch: its state from the markers, its counts, and whether its predictions can be looked up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from functions.batches.shard_run import ID_DIGEST_BYTES
from functions.core.batches import (
    Batch,
    Batches,
    BatchResult,
    BatchState,
    ShardResult,
    errors_key,
    ids_key,
    part_key,
)
from functions.core.clock import now
from functions.core.errors import InvalidInputError, ObjectNotFoundError
from functions.core.lookups import PredictionStore, let_answer
from functions.core.storage import Storage, is_object

AUTOMATIC = "batch"
"""The actor of a batch that answers lookups because it succeeded."""


@dataclass(frozen=True, slots=True)
class Finisher:
    """The one place where batches end; run twice, it writes the same. `on_end` is called with each that ended here."""

    batches: Batches
    records: Storage
    files: Storage
    store: PredictionStore | None = None
    on_end: Callable[[Batch], None] = lambda batch: None

    def finish(self, batch: Batch) -> Batch:
        """Write the result of a batch whose shards all ran or gave up, and let it answer lookups if it succeeded."""
        if batch.is_finished or batch.plan is None:
            # again, for a run that died after it had written the result
            self._let_answer(batch)
            return batch
        markers = self.batches.results(batch)
        state = _state(batch, batch.plan.shards, len(markers))
        no_lookup = self._no_lookup(batch, markers) if state == "succeeded" else None
        result = BatchResult(
            state=state,
            time=now(),
            done=sum(one.done for one in markers),
            refused=sum(one.refused for one in markers),
            seconds=round(sum(one.seconds for one in markers), 3),
            reason=_reason(batch.plan.shards, markers, state),
            no_lookup=no_lookup,
            parts=self._parts(batch, markers),
            errors=tuple(errors_key(batch, one.number) for one in markers if one.refused),
        )
        return self._ended(batch, result, ())

    def refuse(self, batch: Batch, error: InvalidInputError) -> Batch:
        """End a batch whose file cannot be predicted, with every fault of the file."""
        result = BatchResult("failed", now(), done=0, refused=0, seconds=0.0, reason=f"the file was refused: {error}")
        return self._ended(batch, result, tuple(fault.to_dict() for fault in error.faults))

    def fail(self, batch: Batch, reason: str) -> Batch:
        """End a batch that cannot be planned for another reason than its file."""
        return self._ended(batch, BatchResult("failed", now(), done=0, refused=0, seconds=0.0, reason=reason), ())

    def _ended(self, batch: Batch, result: BatchResult, faults: tuple[Mapping[str, object], ...]) -> Batch:
        ended = self.batches.change(
            batch.model,
            batch.batch,
            # an attempt that began meanwhile ends by itself
            lambda one: (
                one if one.is_finished or one.attempt != batch.attempt else replace(one, result=result, faults=faults)
            ),
        )
        self._let_answer(ended)
        if ended.result == result:
            self.on_end(ended)
        return ended

    def _let_answer(self, batch: Batch) -> None:
        if batch.can_answer:
            let_answer(self.records, batch, actor=AUTOMATIC, is_chosen=False)

    def _parts(self, batch: Batch, markers: Sequence[ShardResult]) -> tuple[str, ...]:
        header = part_key(batch, 0)
        first = [header] if batch.output == "csv" and is_object(self.files, header) else []
        return (*first, *(part_key(batch, one.number) for one in markers))

    def _no_lookup(self, batch: Batch, markers: Sequence[ShardResult]) -> str | None:
        """The reason why ids cannot be looked up: one that is there twice could get the answer of the other row."""
        if not batch.lookup:
            return "not asked for"
        if self.store is None:
            return "no store of predictions"
        digests = np.frombuffer(b"".join(self._digests(batch, one) for one in markers), dtype=f"V{ID_DIGEST_BYTES}")
        repeated = len(digests) - len(np.unique(digests.view(np.uint64)))
        return f"{repeated} rows have the id of another row" if repeated else None

    def _digests(self, batch: Batch, marker: ShardResult) -> bytes:
        try:
            return self.files.read(ids_key(batch, marker.number)).body
        except ObjectNotFoundError:
            return b""


def _state(batch: Batch, shards: int, markers: int) -> BatchState:
    if markers == shards:
        return "succeeded"
    if batch.cancelled is not None:
        return "cancelled"
    return "partial" if markers else "failed"


def _reason(shards: int, markers: Sequence[ShardResult], state: BatchState) -> str | None:
    lacking = shards - len(markers)
    return f"{lacking} of {shards} shards have no result" if state in ("partial", "failed") and lacking else None
