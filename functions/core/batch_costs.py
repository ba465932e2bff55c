"""The cost of a batch on AWS, from the seconds in the markers of its shards.

A batch costs the memory of the batch function for the time of its shards, one invocation and one state transition a
shard, and one write for each prediction that can be looked up. Planning, finishing and storage are left out: they are
less than a hundredth of it for a batch of more than a few shards. On a laptop a batch costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from functions.core.batch_progress import Tally
from functions.core.batch_record import Batch


@dataclass(frozen=True, slots=True)
class BatchPrices:
    """The memory of the batch function, and the prices of its region in US dollars."""

    memory_mb: int
    gb_second: float
    shard: float
    """An invocation of Lambda, and the state transition of Step Functions that makes it."""
    stored_prediction: float


@dataclass(frozen=True, slots=True)
class BatchCost:
    """US dollars: so far, and of the whole batch if the shards that are left cost as much; None before the first."""

    so_far: float
    estimated: float | None


def batch_cost(batch: Batch, tally: Tally, prices: BatchPrices) -> BatchCost:
    """The cost of a batch, of which `tally` is done."""
    gb_seconds = tally.seconds * prices.memory_mb / 1024
    stored = tally.done if batch.plan is not None and batch.plan.has_lookup(batch) else 0
    so_far = gb_seconds * prices.gb_second + tally.shards * prices.shard + stored * prices.stored_prediction
    whole = batch.plan.shards if batch.plan is not None and not batch.is_finished else tally.shards
    estimated = so_far / tally.shards * whole if tally.shards else None
    return BatchCost(round(so_far, 6), None if estimated is None else round(estimated, 6))
