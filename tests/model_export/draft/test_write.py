"""The files of a new folder."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer

from functions.core.definition import Definition, Gate, SavedPipeline
from functions.core.errors import ConversionError, DefinitionError
from functions.core.model_folder import load_definition
from functions.core.validator import Validator
from model_export.draft.infer import infer
from model_export.draft.write import SAMPLE_ROWS, examples_of, write_definition, write_pipeline, write_sample
from model_export.pipelines.pipeline_module import build_pipeline
from model_export.training_files.rows import read_rows, read_sheet, whole_columns

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


DRAFT = infer("model", CELLS, target="left")


def write(folder: Path, **others: Any) -> Definition:
    options = {"examples": examples_of(DRAFT), "args": {}, "gate": Gate({"roc_auc": 0.6}), "pipeline": SavedPipeline()}
    return write_definition(DRAFT.definition(folder, **{**options, **others}), DRAFT, source="t.csv")


def test_the_definition_is_returned_as_it_is_read(folder: Path) -> None:
    definition = write(folder)
    assert definition == load_definition(folder)
    assert definition == replace(
        DRAFT.definition(
            folder, examples=definition.examples, args={}, gate=Gate({"roc_auc": 0.6}), pipeline=SavedPipeline()
        ),
        digest=definition.digest,
    )


def test_a_definition_that_does_not_read_back_as_proven_is_refused(folder: Path) -> None:
    proven = replace(write(folder), slices=("town",))
    with pytest.raises(DefinitionError, match=r'slices in .*model.toml reads back as \[\], and \["town"\] was proven'):
        write_definition(proven, DRAFT, source="t.csv")


def test_texts_that_are_joined_read_back(folder: Path) -> None:
    texts = [f"a text of many words, number {number}" for number in range(40)]
    draft = infer("model", {"a": texts, "b": texts[::-1], "left": ["no", "yes"] * 20}, target="left")
    options: dict[str, Any] = {"args": {}, "gate": Gate(), "pipeline": SavedPipeline()}
    definition = draft.definition(folder, examples=examples_of(draft), **options)
    assert write_definition(definition, draft, source="t.csv").task == "text-classification"


def test_examples_are_rows_of_the_table_the_first_without_holes(folder: Path) -> None:
    write(folder)
    examples = json.loads((folder / "examples.json").read_text(encoding="utf-8"))
    assert examples[0] == {"id": 1, "town": "Córdoba, Andalucía", "age": 1}
    assert len(examples) == 3
    Validator(load_definition(folder).schema).table(examples)


def test_the_sample_is_from_all_over_the_table_and_reads_again(folder: Path) -> None:
    write(folder)
    write_sample(folder, DRAFT, CELLS)
    with (folder / "sample.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["id", "town ", "age", "left"]
    assert len(rows) == SAMPLE_ROWS
    assert (rows[0]["id"], rows[-1]["id"]) == ("0", str(ROWS - 1))
    table = read_rows((folder / "sample.csv").read_bytes(), "sample.csv", load_definition(folder)).table
    assert set(table["town"]) == {None, "Córdoba, Andalucía", 'the "other"', "x"}


def test_carriage_returns_in_names_and_texts_survive_a_sample(folder: Path) -> None:
    cells = {"a\rb": ["x\ry", "z"] * 20, "left": ["no", "yes"] * 20}
    draft = infer("model", cells, target="left")
    write_sample(folder, draft, cells)
    sheet = read_sheet((folder / "sample.csv").read_bytes(), "sample.csv", 10_000)
    assert whole_columns(sheet) == cells


def test_a_sample_without_the_cell_that_showed_the_decimal_mark_reads_as_the_table(folder: Path) -> None:
    """In a file with semicolons one cell shows that the point separates thousands; the sample has commas."""
    kept = set(np.linspace(0, ROWS - 1, SAMPLE_ROWS, dtype=int).tolist())
    area = ["3.500"] * ROWS
    area[min(set(range(ROWS)) - kept)] = "1.200,50"
    area[0] = ""
    draft = infer("model", {"area": area, "floor": ["1", " 2"] * (ROWS // 2), "left": CELLS["left"]}, target="left")
    options: dict[str, Any] = {"args": {}, "gate": Gate(), "pipeline": SavedPipeline()}
    definition = draft.definition(folder, examples=examples_of(draft), **options)
    write_sample(folder, draft, {"area": area, "floor": ["1", " 2"] * (ROWS // 2), "left": CELLS["left"]})
    read = read_rows((folder / "sample.csv").read_bytes(), "sample.csv", definition)
    assert read.table["area"] == [None, *[3500.0] * (SAMPLE_ROWS - 1)]
    assert set(read.table["floor"]) == {1, 2}
    assert read.notes == ()


def test_a_pipeline_of_ones_own_is_saved_with_its_digest(folder: Path) -> None:
    (folder / "mine.py").write_text("VALUE = 1\n")
    saved = write_pipeline(folder, LogisticRegression(C=3.0), ("mine.py",))
    body = (folder / "estimator.joblib").read_bytes()
    assert saved == SavedPipeline("estimator.joblib", hashlib.sha256(body).hexdigest(), ("mine.py",))
    write(folder, pipeline=saved)
    definition = load_definition(folder)
    assert definition.pipeline == saved
    assert build_pipeline(definition, definition.args).C == 3.0


def test_a_pipeline_with_a_lambda_is_refused_with_what_to_do(tmp_path: Path) -> None:
    """cloudpickle writes a lambda, and pickle, which retraining reads, does not."""
    with pytest.raises(ConversionError, match=r"written in a notebook or as a lambda .* pass that with --code"):
        write_pipeline(tmp_path, FunctionTransformer(lambda x: x), ())
