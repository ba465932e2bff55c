"""The cost of a batch, from what its shards took."""

from __future__ import annotations

from dataclasses import replace

from functions.core.batch_costs import BatchCost, BatchPrices, batch_cost
from functions.core.batch_progress import Tally
from functions.core.batch_record import BatchResult
from tests.core.test_batch_progress import LATER, PLANNED

PRICES = BatchPrices(memory_mb=2048, gb_second=0.001, shard=0.1, stored_prediction=0.01)


def test_memory_shards_and_stored_predictions_cost() -> None:
    tally = Tally(shards=2, done=30, refused=5, seconds=10.0)
    assert batch_cost(PLANNED, tally, PRICES) == BatchCost(0.22, 0.44)
    assert PLANNED.plan is not None
    stored = replace(PLANNED, lookup=True, plan=replace(PLANNED.plan, id="key"))
    assert batch_cost(stored, tally, PRICES) == BatchCost(0.52, 1.04)


def test_a_file_without_ids_costs_no_stored_predictions_though_they_were_asked_for() -> None:
    tally = Tally(shards=2, done=30, refused=5, seconds=10.0)
    assert batch_cost(replace(PLANNED, lookup=True), tally, PRICES) == BatchCost(0.22, 0.44)


def test_before_the_first_shard_nothing_tells_the_whole() -> None:
    assert batch_cost(PLANNED, Tally(0, 0, 0, 0.0), PRICES) == BatchCost(0.0, None)


def test_what_has_ended_costs_no_more() -> None:
    ended = replace(PLANNED, result=BatchResult("cancelled", LATER, 30, 5, 10.0))
    assert batch_cost(ended, Tally(2, 30, 5, 10.0), PRICES) == BatchCost(0.22, 0.22)
