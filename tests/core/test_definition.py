"""Definitions: their kind of task, the look-up by name, and the rules within sections."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from functions.core.definition import BatchSchedule, Definition, FunctionSettings, SavedPipeline, get_definition
from functions.core.errors import DocumentError, NotFoundError
from functions.core.schema import Feature, Schema
from functions.core.tasks import Task


def define(task: Task) -> Definition:
    schema = Schema((Feature("rooms", "integer"),), Feature("price", "number"))
    return Definition(name="rent", task=task, description="", schema=schema, folder=Path("models/rent"), digest="")


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ("tabular-classification", True),
        ("text-classification", True),
        ("tabular-regression", False),
        ("question-answering", False),
    ],
)
def test_classification_follows_from_the_task(task: Task, expected: bool) -> None:
    assert define(task).is_classification is expected


def test_an_unknown_model_is_answered_with_the_known_ones() -> None:
    definitions = {"rent": define("tabular-regression")}
    assert get_definition(definitions, "rent") is definitions["rent"]
    with pytest.raises(NotFoundError, match="no model 'rant'; known: rent"):
        get_definition(definitions, "rant")


def test_snap_start_takes_the_least_storage_only() -> None:
    assert FunctionSettings(snap_start=True).storage_mb == 512
    with pytest.raises(DocumentError, match="storage_mb: 512 is expected, 1024 was found; SnapStart takes no other"):
        FunctionSettings(snap_start=True, storage_mb=1024)


def test_a_saved_pipeline_has_its_digest_and_files_of_the_folder() -> None:
    assert SavedPipeline("a.joblib", "0" * 64, ("mine.py",)).code == ("mine.py",)
    with pytest.raises(DocumentError) as caught:
        SavedPipeline("../a.joblib", "", ("mine.py", "../mine.py"))
    assert [fault.path for fault in caught.value.faults] == ["sha256", "joblib", "code[1]"]


def test_a_scheduled_batch_needs_a_time_and_a_file_name() -> None:
    assert BatchSchedule("cron(0 3 * * ? *)", "customers.csv").output == "jsonl"
    with pytest.raises(DocumentError) as caught:
        BatchSchedule("every night", "../customers.csv")
    assert [fault.path for fault in caught.value.faults] == ["schedule", "file"]


def test_free_text_next_to_numbers_is_answered_inline_as_a_text_model_is() -> None:
    table = define("tabular-classification")
    text = Schema((Feature("review", "string", categorical=False), Feature("age", "number")), Feature("y", "string"))
    assert table.inline_bytes == 500_000
    assert replace(table, schema=text).inline_bytes == define("text-classification").inline_bytes == 20_000
