"""The stages of training's libraries: files that are not plain give the predictions of plain ones, in any form."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from functions.core.batch_keys import converted_key, metrics_key, parquet_key
from functions.core.batch_record import Batch
from functions.core.definition import Definition
from functions.core.errors import InvalidInputError, NotReadyError
from functions.core.registry import Registry
from functions.local.home import Home
from model_export.batch_files.stages import BatchStages
from tests.batches.small_batches import CHURN, SMALL_SHARD_BYTES, Workplace

ROWS = list(csv.reader(io.StringIO(CHURN.decode())))


def of_spreadsheet(rows: list[list[str]] = ROWS) -> bytes:
    """The table as a Spanish spreadsheet saves it."""
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(rows)
    return gzip.compress(text.getvalue().encode("cp1252"))


@pytest.fixture
def place(
    trained_home: Home, definitions: Mapping[str, Definition], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Workplace:
    monkeypatch.setattr("functions.batches.planning.MOST_SHARD_BYTES", SMALL_SHARD_BYTES)
    return Workplace.within(tmp_path, trained_home.registry, definitions)


@pytest.fixture
def stages(place: Workplace) -> BatchStages:
    return BatchStages(place.batches, place.registry, place.files)


def ended(place: Workplace, stages: BatchStages, batch: Batch) -> Batch:
    """The batch, converted, planned, run, completed and finished."""
    definition = place.definitions["churn"]
    assert place.planner.plan(batch, definition) is None
    stages.convert(batch, definition)
    planned = place.planner.plan(batch, definition)
    assert planned is not None
    assert planned.plan is not None
    assert planned.plan.shards > 1
    place.run_shards(planned)
    stages.complete(planned)
    return place.finisher.finish(place.batches.read("churn", batch.batch))


def refused(place: Workplace, stages: BatchStages, batch: Batch, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        stages.convert(batch, place.definitions["churn"])


def test_a_compressed_file_with_semicolons_has_the_predictions_of_the_plain_one(
    place: Workplace, stages: BatchStages
) -> None:
    plain = place.run(place.planned(CHURN, id="customerid"))
    other = place.sent(of_spreadsheet(), "rows.csv.gz", id="customerid")
    finished = ended(place, stages, other)
    assert place.predicted(finished) == place.predicted(plain)
    assert finished.plan is not None
    assert "cells are separated by semicolons" in finished.plan.notes


def test_bad_rows_keep_their_lines(place: Workplace, stages: BatchStages) -> None:
    rows = [row.copy() for row in ROWS]
    rows[3][ROWS[0].index("MonthlyCharges")] = "soon"
    rows[5] = rows[5][:4]
    rows[7][ROWS[0].index("gender")] = "=A1"
    finished = ended(place, stages, place.sent(of_spreadsheet(rows), "rows.csv.gz"))
    assert [(one["line"], one["column"], one["type"]) for one in place.refused(finished)] == [
        (4, "monthlycharges", "number_parsing"),
        (6, None, "csv_row_length"),
        (8, "gender", "formula"),
    ]
    assert finished.result is not None
    assert (finished.result.done, finished.result.refused) == (len(ROWS) - 4, 3)


def test_a_parquet_batch_is_one_file_with_the_columns_that_were_sent(place: Workplace, stages: BatchStages) -> None:
    batch = place.sent(of_spreadsheet(), "rows.csv.gz", output="parquet", keep_columns=True)
    finished = ended(place, stages, batch)
    assert finished.result is not None
    assert finished.result.parts == (parquet_key(batch),)
    table = pyarrow.parquet.read_table(io.BytesIO(place.files.read(parquet_key(batch)).body))
    assert table.column_names[: len(ROWS[0])] == ROWS[0]
    assert table.column_names[len(ROWS[0]) :] == ["prediction", "score", "score_no", "score_yes", "warnings"]
    assert table.column("customerID").to_pylist() == [row[0] for row in ROWS[1:]]
    plain = place.predicted(place.run(place.planned(CHURN)))
    # how many rows a graph computes at once may change the last bit
    expected = [one["prediction"]["scores"]["yes"] for one in plain]
    assert table.column("score_yes").to_pylist() == pytest.approx(expected, rel=1e-12)


def test_a_measured_batch_has_the_metrics_of_its_rows(place: Workplace, stages: BatchStages) -> None:
    finished = ended(place, stages, place.sent(CHURN, measure=True))
    assert finished.result is not None
    assert finished.result.metrics is not None
    right = [
        one["prediction"]["label"] == row[-1].lower()
        for one, row in zip(place.predicted(finished), ROWS[1:], strict=True)
    ]
    assert finished.result.metrics["accuracy"] == pytest.approx(sum(right) / len(right))
    assert {"roc_auc", "log_loss"} <= finished.result.metrics.keys()


@pytest.mark.parametrize("changes", [{"output": "parquet"}, {"measure": True}])
def test_what_an_attempt_made_of_fewer_shards_is_none_of_the_next_one(
    place: Workplace, stages: BatchStages, changes: Mapping[str, Any]
) -> None:
    definition = place.definitions["churn"]
    batch = place.sent(of_spreadsheet(), "rows.csv.gz", **changes)
    stages.convert(batch, definition)
    planned = place.planner.plan(batch, definition)
    assert planned is not None
    place.run_shards(planned, lambda number: number != 1)
    stages.complete(planned)
    partial = place.finisher.finish(place.batches.read("churn", batch.batch))
    assert partial.state(0) == "partial"
    again = place.batches.change("churn", batch.batch, lambda one: one.begun_again(1))
    place.run_shards(again)
    result = place.finisher.finish(again).result
    assert result is not None
    assert (result.state, result.metrics) == ("succeeded", None)
    assert parquet_key(batch) not in result.parts


def test_a_file_that_cannot_be_read_is_refused(place: Workplace, stages: BatchStages) -> None:
    refused(place, stages, place.sent(b"a;b\n1;2\n"), "no such column")
    batch = place.sent(b"a;b\n")
    place.files.delete(batch.input)
    refused(place, stages, batch, "removed before it was read")


def test_a_file_that_the_memory_does_not_permit_is_refused_before_it_is_loaded(
    place: Workplace, stages: BatchStages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model_export.batch_files.stages.most_training_bytes", lambda memory: 100)
    refused(place, stages, place.sent(CHURN), "Send it in parts, or as plain CSV")


def test_stages_are_done_once_and_need_what_comes_before(place: Workplace, stages: BatchStages, tmp_path: Path) -> None:
    batch = place.sent(of_spreadsheet(), "rows.csv.gz", measure=True)
    stages.complete(batch)
    assert metrics_key(batch) not in place.files.keys("batches")
    stages.convert(batch, place.definitions["churn"])
    place.files.write(converted_key(batch), b"seen")
    stages.convert(batch, place.definitions["churn"])
    assert place.files.read(converted_key(batch)).body == b"seen"
    empty = BatchStages(place.batches, Registry(place.records), place.files)
    with pytest.raises(NotReadyError, match="no version in production"):
        empty.convert(place.sent(of_spreadsheet(), "rows.csv.gz"), place.definitions["churn"])
