"""The files of a new folder."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from sklearn.linear_model import LogisticRegression

from functions.core.definition import Gate
from functions.core.model_folder import load_definition
from functions.core.validator import Validator
from model_export.draft.infer import infer
from model_export.draft.write import SAMPLE_ROWS, Own, Sheet, write_folder
from model_export.pipelines.pipeline_module import build_pipeline
from model_export.training_files.rows import read_rows

ROWS = SAMPLE_ROWS + 1000
CELLS: dict[str, list[Any]] = {
    "id": [str(number) for number in range(ROWS)],
    "town ": ["", "Córdoba, Andalucía", 'the "other"', "x"] * (ROWS // 4),
    "age": ["", "1", "2.5"] * (ROWS // 3),
    "same": ["1"] * ROWS,
    "left": ["no", "yes"] * (ROWS // 2),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model").mkdir()
    return tmp_path / "model"


def write(folder: Path, *, own: Own | None = None, with_sample: bool = True) -> None:
    draft = infer("model", CELLS, target="left")
    write_folder(folder, draft, Sheet("t.csv", b"", CELLS), own=own, gate=Gate(), with_sample=with_sample)


def test_examples_are_rows_of_the_table_the_first_without_holes(folder: Path) -> None:
    write(folder)
    examples = json.loads((folder / "examples.json").read_text(encoding="utf-8"))
    assert examples[0] == {"id": 1, "town": "Córdoba, Andalucía", "age": 1}
    assert len(examples) == 3
    Validator(load_definition(folder).schema).table(examples)


def test_the_sample_is_from_all_over_the_table_and_reads_again(folder: Path) -> None:
    write(folder)
    with (folder / "sample.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["id", "town ", "age", "left"]
    assert len(rows) == SAMPLE_ROWS
    assert (rows[0]["id"], rows[-1]["id"]) == ("0", str(ROWS - 1))
    table = read_rows((folder / "sample.csv").read_bytes(), "sample.csv", load_definition(folder)).table
    assert set(table["town"]) == {None, "Córdoba, Andalucía", 'the "other"', "x"}


def test_rows_may_stay_out(folder: Path) -> None:
    write(folder, with_sample=False)
    assert not (folder / "sample.csv").exists()


def test_a_pipeline_of_ones_own_is_saved_with_its_digest(folder: Path, tmp_path: Path) -> None:
    code = tmp_path / "mine.py"
    code.write_text("VALUE = 1\n")
    write(folder, own=Own(LogisticRegression(C=3.0), (code,)))
    assert not (folder / "pipeline.py").exists()
    definition = load_definition(folder)
    body = (folder / "estimator.joblib").read_bytes()
    assert definition.pipeline.sha256 == hashlib.sha256(body).hexdigest()
    assert (folder / "mine.py").read_text() == "VALUE = 1\n"
    assert build_pipeline(definition, definition.args).C == 3.0
