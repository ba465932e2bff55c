"""The table of budgets in docs/concepts.md has the figures of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from functions.core.batch_submission import MOST_FILE_BYTES
from functions.core.definition import LONGEST_TIMEOUT_SECONDS, Limits
from functions.core.errors import MAX_FAULTS
from functions.core.jobs import MAX_ATTEMPTS
from functions.core.local_storage import LEFTOVER_SECONDS
from functions.core.machine_memory import MIB
from functions.core.patience import GATEWAY_PATIENCE_SECONDS
from functions.core.row_budget import SMALLEST_CELL_BYTES
from functions.core.training_memory import (
    MEMORY_OF_A_BYTE,
    MEMORY_OF_A_CELL,
    RESERVED_BYTES,
    most_training_bytes,
    most_training_cells,
)
from functions.core.uploads import LINK_SECONDS
from functions.inference.control.lookups import MOST_IDS
from functions.inference.control.options import OPTIONS_MAX_BYTES
from functions.local.batch_worker import MOST_AT_ONCE
from functions.local.slow_bodies import GRACE_SECONDS, LEAST_BYTES_A_SECOND
from functions.local.upload_links import MOST_FORMS
from functions.predictors.question_answering.pairs import SMALLEST_WINDOW_TOKENS
from infra.settings import Settings
from model_export.training_files.sheet import MOST_CELLS, MOST_ROWS
from model_export.training_files.unpacking import MOST_MEMBERS

ROOT = Path(__file__).parents[2]
ROWS = [
    line.strip("| ").split(" | ")
    for line in (ROOT / "docs" / "concepts.md").read_text("utf-8").partition("## Budgets")[2].splitlines()
    if line.startswith("|")
][2:]
LIMITS = Limits()
TRAINER_MIB = Settings().training_memory_mb
FIGURES = {
    "body of a request": [LIMITS.max_payload_bytes],
    "body without rows (`PUT .../production`, `POST .../uploads`)": [OPTIONS_MAX_BYTES],
    "time for a body, on a laptop": [GRACE_SECONDS, LEAST_BYTES_A_SECOND],
    "instances of a prediction": [LIMITS.max_instances],
    "rows of `POST .../retrain`": [SMALLEST_CELL_BYTES, LIMITS.max_payload_bytes // SMALLEST_CELL_BYTES],
    "objects in a body": [],
    "tokens of a request to a checkpoint": [LIMITS.max_tokens, GATEWAY_PATIENCE_SECONDS],
    "further windows of a context": [LIMITS.max_tokens // SMALLEST_WINDOW_TOKENS, SMALLEST_WINDOW_TOKENS],
    "time for an answer": [LONGEST_TIMEOUT_SECONDS, GATEWAY_PATIENCE_SECONDS],
    "faults in an answer or a job": [MAX_FAULTS],
    "training file": [MEMORY_OF_A_BYTE, RESERVED_BYTES / MIB, most_training_bytes(TRAINER_MIB * MIB), TRAINER_MIB],
    "parts of a gzip file": [MOST_MEMBERS],
    "cells of a CSV file": [MEMORY_OF_A_CELL, most_training_cells(TRAINER_MIB * MIB)],
    "cells of a JSON file": [MOST_CELLS],
    "rows of a JSON file": [MOST_ROWS],
    "attempts at a job": [MAX_ATTEMPTS],
    "form for an upload, link to a result": [LINK_SECONDS],
    "file of a batch, by a form": [MOST_FILE_BYTES],
    "instances of a batch": [SMALLEST_CELL_BYTES],
    "ids of one lookup": [MOST_IDS],
    "batches at once, on a laptop": [MOST_AT_ONCE],
    "forms that are received at once, outside of AWS": [MOST_FORMS],
    "half-written file of a killed process, on a laptop": [LEFTOVER_SECONDS],
}


def test_every_budget_of_the_table_is_held_to_the_code() -> None:
    assert [row[0] for row in ROWS] == list(FIGURES)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_budget_has_the_figures_of_the_code(row: list[str]) -> None:
    written = re.findall(r"\d[\d,]*\d|\d", row[1])
    assert [figure for figure in FIGURES[row[0]] if f"{figure:,.0f}" not in written] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_the_place_of_a_budget_is_a_key_of_the_limits_or_a_file(row: list[str]) -> None:
    for place in row[2].replace(" in model.toml", "").split(", "):
        name = place.removesuffix(" for less").strip("`")
        if name.startswith("limits."):
            assert hasattr(LIMITS, name.removeprefix("limits."))
        elif not name.startswith("function."):
            assert any((ROOT / folder / name).is_file() for folder in ("functions", "model_export")), name
