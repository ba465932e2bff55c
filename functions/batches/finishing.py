"""The end of a batch: its state from the markers, its counts, and whether its predictions can be looked up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from functions.core.batch_keys import error_keys, ids_key, parquet_key, part_keys
from functions.core.batch_record import Batch, BatchResult, BatchState, Plan, ShardResult
from functions.core.batches import Batches
from functions.core.clock import now
from functions.core.errors import InvalidInputError
from functions.core.lookups import AUTOMATIC, PredictionStore, let_answer
from functions.core.storage import Storage, is_object


def _ignore(batch: Batch) -> None:
    """Take no notice of the end of a batch."""


@dataclass(frozen=True, slots=True)
class Finisher:
    """The one place where batches end; run twice, it writes the same. `on_end` is called with each that ends here."""

    batches: Batches
    records: Storage
    files: Storage
    store: PredictionStore | None = None
    on_end: Callable[[Batch], None] = _ignore

    def finish(self, batch: Batch, *, lacking: str | None = None) -> Batch:
        """Write the result of a batch whose shards all ran or gave up, and let it answer lookups if it succeeded.

        `lacking` is the reason why some of them have no result. A batch that was cancelled before its result was
        written stays cancelled, and one that is tried again meanwhile gets no result of the attempt before. One
        without a plan has nothing to finish, unless it was cancelled.
        """
        if batch.plan is None:
            return batch if batch.cancelled is None else self._end(batch, _cancelled)
        if not batch.is_finished:
            batch = self._with_result(batch, batch.plan, lacking)
        self._let_answer(batch)
        return batch

    def _with_result(self, batch: Batch, plan: Plan, lacking: str | None) -> Batch:
        markers = self.batches.results(batch)
        is_whole = len(markers) == plan.shards
        no_lookup = self._no_lookup(batch, plan, markers) if is_whole else None
        counted = BatchResult(
            state="succeeded",
            time=now(),
            done=sum(one.done for one in markers),
            refused=sum(one.refused for one in markers),
            seconds=round(sum(one.seconds for one in markers), 3),
            no_lookup=no_lookup,
            parts=self._parts(batch, markers),
            metrics=self.batches.metrics(batch),
            errors=error_keys(batch, markers),
        )
        left = plan.shards - len(markers)
        reason = (lacking or f"{left} of {plan.shards} shards have no result") if left else None
        return self._end(batch, lambda one: _judged(counted, one, reason, has_any=bool(markers)))

    def refuse(self, batch: Batch, error: InvalidInputError) -> Batch:
        """End a batch whose file cannot be predicted, with every fault of the file."""
        result = _without_rows("failed", f"the file was refused: {error}")
        return self._end(batch, lambda one: result, tuple(fault.to_dict() for fault in error.faults))

    def fail(self, batch: Batch, reason: str) -> Batch:
        """End a batch that cannot be planned for another reason than its file."""
        result = _without_rows("failed", reason)
        return self._end(batch, lambda one: result)

    def _end(
        self, batch: Batch, judge: Callable[[Batch], BatchResult], faults: tuple[Mapping[str, object], ...] = ()
    ) -> Batch:
        written: list[BatchResult] = []

        def ended(one: Batch) -> Batch:
            if one.result is not None or one.attempt != batch.attempt:
                return one
            written.append(_cancelled(one) if one.is_finished else judge(one))
            return replace(one, result=written[-1], faults=faults)

        found = self.batches.change(batch.model, batch.batch, ended)
        if found.result is not None and found.result in written:
            self.on_end(found)
        return found

    def _let_answer(self, batch: Batch) -> None:
        result = batch.result
        if result is not None and result.state == "succeeded" and result.no_lookup is None:
            let_answer(self.records, batch.model, batch.batch, batch.created, actor=AUTOMATIC, ended=result.time)

    def _parts(self, batch: Batch, markers: Sequence[ShardResult]) -> tuple[str, ...]:
        if batch.output == "parquet" and is_object(self.files, parquet_key(batch)):
            return (parquet_key(batch),)
        return part_keys(batch, markers)

    def _no_lookup(self, batch: Batch, plan: Plan, markers: Sequence[ShardResult]) -> str | None:
        """The reason why ids cannot be looked up: one that is there twice could get the answer of the other row."""
        if not batch.lookup:
            return "not asked for"
        if not plan.has_lookup(batch):
            return plan.no_lookup or "no column of ids"
        if self.store is None:
            return "no store of predictions"
        bodies = [self.files.read(ids_key(batch, one.number)).body for one in markers]
        digests = np.frombuffer(b"".join(bodies), dtype=np.uint64)
        repeated = len(digests) - len(np.unique(digests))
        return f"{repeated} rows have the id of another row" if repeated else None


def _without_rows(state: BatchState, reason: str | None) -> BatchResult:
    return BatchResult(state, now(), done=0, refused=0, seconds=0.0, reason=reason, no_lookup=f"the batch is {state}")


def _cancelled(_: Batch) -> BatchResult:
    """The one end of a batch that was cancelled before it was planned."""
    return _without_rows("cancelled", None)


def _judged(counted: BatchResult, batch: Batch, reason: str | None, *, has_any: bool) -> BatchResult:
    """The result with its state; `reason` says what is lacking, if anything is."""
    state: BatchState = "succeeded" if reason is None else "partial" if has_any else "failed"
    if batch.cancelled is not None:
        state = "cancelled"
    if state == "succeeded":
        return counted
    return replace(counted, state=state, reason=reason, no_lookup=f"the batch is {state}")
