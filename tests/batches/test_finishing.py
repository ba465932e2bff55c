"""The end of a batch: what its markers say, whether it is looked up, and races of those that end it."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from functions.core.batch_record import Batch
from functions.core.definition import Definition
from functions.core.lookups import answering_batch, let_answer
from functions.local.home import Home
from tests.batches.small_batches import CHURN, SMALL_SHARD_BYTES, Workplace
from tests.predictions_in_memory import PredictionsInMemory


@pytest.fixture
def place(
    trained_home: Home, definitions: Mapping[str, Definition], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Workplace:
    monkeypatch.setattr("functions.batches.planning.MOST_SHARD_BYTES", SMALL_SHARD_BYTES)
    return Workplace.within(tmp_path, trained_home.registry, definitions, store=PredictionsInMemory())


def looked_up(place: Workplace, body: bytes = CHURN, **changes: object) -> Batch:
    return place.planned(body, id="customerid", lookup=True, **changes)  # type: ignore[arg-type]


def answering(place: Workplace) -> str | None:
    found = answering_batch(place.records, "churn")
    return None if found is None else found.batch


def test_a_batch_with_all_markers_succeeded_and_answers(place: Workplace) -> None:
    batch = place.run(looked_up(place))
    assert batch.result is not None
    assert (batch.result.state, batch.result.reason, batch.result.no_lookup) == ("succeeded", None, None)
    assert answering(place) == batch.batch
    assert place.finisher.finish(batch) == batch


@pytest.mark.parametrize(("least", "state"), [(2, "partial"), (100, "failed")])
def test_a_batch_without_some_markers_keeps_what_there_is(place: Workplace, least: int, state: str) -> None:
    batch = place.run(looked_up(place), lambda number: number >= least)
    assert batch.result is not None
    assert batch.plan is not None
    lacking = min(least - 1, batch.plan.shards)
    assert batch.result.state == state
    assert batch.result.reason == f"{lacking} of {batch.plan.shards} shards have no result"
    assert batch.result.no_lookup == f"the batch is {state}"
    assert len(batch.result.parts) == batch.plan.shards - lacking
    assert answering(place) is None
    retried = place.batches.change("churn", batch.batch, lambda one: replace(one, attempt=2, result=None))
    whole = place.run(retried)
    assert whole.result is not None
    assert whole.result.state == "succeeded"
    assert answering(place) == whole.batch


def test_a_batch_that_was_cancelled_first_stays_cancelled(place: Workplace) -> None:
    batch = looked_up(place)
    found = place.run(batch)
    again = place.batches.create(replace(batch, batch="0" * 32, cancelled="now"))[0]
    place.batches.write_shards(again, place.batches.shards(batch))
    ended = place.finisher.finish(replace(again, cancelled=None))  # which was read before it was cancelled
    assert ended.result is not None
    assert (ended.result.state, ended.result.no_lookup) == ("cancelled", "the batch is cancelled")
    assert answering(place) == found.batch


def test_of_many_finishers_one_writes_the_result(place: Workplace) -> None:
    batch = looked_up(place)
    place.run(batch, lambda number: number > 1)
    running = place.batches.change("churn", batch.batch, lambda one: replace(one, result=None))
    with ThreadPoolExecutor(8) as pool:
        ended = list(pool.map(place.finisher.finish, [running] * 8))
    assert len({str(one.result) for one in ended}) == 1


def test_a_finisher_of_the_attempt_before_leaves_the_next_one_alone(place: Workplace) -> None:
    batch = looked_up(place)
    place.batches.change("churn", batch.batch, lambda one: replace(one, attempt=2))
    assert place.finisher.finish(batch).result is None


def test_a_batch_whose_end_died_before_it_answered_answers_later(place: Workplace) -> None:
    batch = place.run(looked_up(place))
    place.records.delete("models/churn/predictions.json")
    place.finisher.finish(batch)
    assert answering(place) == batch.batch


def test_a_batch_that_was_set_aside_does_not_come_back_when_its_end_is_repeated(place: Workplace) -> None:
    first = place.run(looked_up(place))
    second = place.run(looked_up(place))
    assert answering(place) == second.batch
    let_answer(place.records, "churn", first.batch, first.created, actor="ana")
    place.finisher.finish(second)
    assert answering(place) == first.batch
    third = place.run(looked_up(place))
    assert answering(place) == third.batch


def test_repeated_ids_are_not_looked_up(place: Workplace) -> None:
    lines = CHURN.splitlines(keepends=True)
    batch = place.run(looked_up(place, b"".join([*lines, lines[1], lines[2]])))
    assert batch.result is not None
    assert (batch.result.state, batch.result.no_lookup) == ("succeeded", "2 rows have the id of another row")
    assert answering(place) is None


def test_a_batch_says_why_it_is_not_looked_up(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    def reason(where: Workplace, batch: Batch) -> str | None:
        result = where.run(batch).result
        assert result is not None
        return result.no_lookup

    assert reason(place, place.planned(CHURN)) == "not asked for"
    assert reason(place, place.planned(CHURN, lookup=True)) == "no column of ids"
    without = replace(place, store=None)
    assert reason(without, looked_up(without)) == "no store of predictions"
    monkeypatch.setattr("functions.batches.planning.MOST_LOOKUP_ROWS", 1)
    assert str(reason(place, looked_up(place))).endswith("rows are more than 1")


def test_a_csv_result_begins_with_its_header(place: Workplace) -> None:
    batch = place.run(place.planned(CHURN, output="csv", keep_columns=True))
    assert batch.plan is not None
    header, *rows = place.output(batch).decode().splitlines()
    assert header.split(",") == list(batch.plan.output_header)
    assert len(rows) == CHURN.count(b"\n") - 1


def test_a_batch_without_a_plan_has_no_end(place: Workplace) -> None:
    batch = place.sent(CHURN)
    assert place.finisher.finish(batch) == batch
