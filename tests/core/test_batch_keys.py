"""The keys of the objects of a batch, on which versions of the product agree."""

from __future__ import annotations

from dataclasses import replace

from functions.core.batch_keys import (
    converted_key,
    error_keys,
    errors_key,
    ids_key,
    marker_key,
    part_key,
    part_keys,
    record_key,
    shards_key,
    truths_key,
)
from functions.core.batch_record import Batch, Plan, ShardResult
from functions.core.definition import FileSettings

MOMENT = "2026-11-29T10:00:00.000000Z"
BATCH = Batch("a" * 32, "churn", "to-predict/churn/x.csv", "jsonl", "id", True, "ana", "f", MOMENT, MOMENT)
PLAN = Plan(3, MOMENT, "in", "csv", ("a",), 4, 2, FileSettings(), 1000, 20, 2)


def test_the_objects_of_a_batch_are_below_its_folder() -> None:
    folder = f"batches/churn/{'a' * 32}"
    assert part_key(BATCH, 12) == f"{folder}/out/part-00012.jsonl.gz"
    assert part_key(replace(BATCH, output="csv"), 0) == f"{folder}/out/part-00000.csv.gz"
    assert part_key(replace(BATCH, output="parquet"), 1).endswith(".jsonl.gz")
    assert errors_key(BATCH, 3) == f"{folder}/errors/part-00003.jsonl.gz"
    assert ids_key(BATCH, 3) == f"{folder}/ids/00003"
    assert converted_key(BATCH) == f"{folder}/in/rows.jsonl"
    assert truths_key(BATCH, 3) == f"{folder}/truths/part-00003.jsonl.gz"
    assert shards_key(BATCH) == f"models/churn/batches/{'a' * 32}/shards.json"
    assert record_key("churn", BATCH.batch) == f"models/churn/batches/{'a' * 32}/manifest.json"
    assert marker_key(BATCH, 12) == f"{folder}/done/00012.json"


def test_the_results_are_those_of_the_shards_that_are_done_behind_the_header_of_a_csv() -> None:
    markers = (ShardResult(1, 5, 0, 0.1), ShardResult(3, 4, 1, 0.1))
    assert part_keys(BATCH, markers) == (part_key(BATCH, 1), part_key(BATCH, 3))
    table = replace(BATCH, output="csv", plan=PLAN)
    assert part_keys(table, markers) == tuple(part_key(table, number) for number in (0, 1, 3))
    assert part_keys(replace(table, plan=None), ()) == ()
    assert error_keys(BATCH, markers) == (errors_key(BATCH, 3),)
