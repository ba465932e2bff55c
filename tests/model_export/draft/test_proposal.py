"""The proposed pipeline.py: code that runs, and passes the project's own linter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from functions.core.schema import Feature, Schema
from model_export.draft.proposal import PROPOSALS
from model_export.pipelines.pipeline_module import load_module

NAMES = ['the "town"', "b\\c", *(f"a rather long name of a column, number {number}" for number in range(4))]
SCHEMA = Schema((*(Feature(name, "string") for name in NAMES), Feature("x", "number")), Feature("y", "number"))
DATES = Schema(
    (Feature("when", "datetime"), Feature("x", "number"), Feature("built", "datetime")), Feature("y", "number")
)
TOWNS_AND_DATES = Schema((Feature("town", "string"), *DATES.features), Feature("y", "number"))
NUMBERS = Schema((Feature("x", "number"),), Feature("y", "number"))


def module_of(folder: Path, text: str) -> Any:
    folder = folder / "proposed"
    folder.mkdir(exist_ok=True)
    (folder / "pipeline.py").write_text(text, encoding="utf-8")
    return load_module(folder / "pipeline.py")


@pytest.mark.parametrize("schema", [SCHEMA, NUMBERS])
@pytest.mark.parametrize("task", ["tabular-classification", "tabular-regression"])
def test_a_proposal_is_built_and_fitted(tmp_path: Path, task: Any, schema: Schema) -> None:
    pipeline = module_of(tmp_path, PROPOSALS[task].code("m", schema, ())).build_pipeline(**PROPOSALS[task].args(10))
    kind = HistGradientBoostingClassifier if task == "tabular-classification" else HistGradientBoostingRegressor
    assert type(pipeline[-1]) is kind
    frame = pd.DataFrame({name: pd.Series(["a", None, "b"] * 20, dtype=object) for name in schema.string_names})
    frame["x"] = [1.0, None, 3.0] * 20
    pipeline.fit(frame, [0, 1, 0] * 20)
    assert pipeline.predict(frame).shape == (60,)


@pytest.mark.parametrize("schema", [DATES, TOWNS_AND_DATES])
@pytest.mark.parametrize("texts", [(), ("town",)])
def test_dates_are_read_by_their_parts(tmp_path: Path, schema: Schema, texts: tuple[str, ...]) -> None:
    text = PROPOSALS["tabular-regression"].code("m", schema, [name for name in texts if name in schema.string_names])
    pipeline = module_of(tmp_path, text).build_pipeline(max_iter=30, learning_rate=0.3)
    when = pd.to_datetime("2024-01-01") + pd.to_timedelta(np.arange(200) * 7, unit="h")
    frame = pd.DataFrame({"town": "Lugo is a town", "when": when, "x": 1.0, "built": when[::-1]})
    frame.loc[3, "built"] = None
    rent = (frame["when"].dt.hour > 12).astype(float)
    predicted = pipeline.fit(frame[list(schema.feature_names)], rent).predict(frame[list(schema.feature_names)])
    assert abs(predicted - rent).max() < 0.3


@pytest.mark.parametrize("with_levels", [True, False])
def test_long_texts_are_read_by_their_words(tmp_path: Path, with_levels: bool) -> None:
    levels = (Feature("town", "string"),) if with_levels else ()
    schema = Schema(
        (*levels, Feature("x", "number"), Feature("the review", "string", categorical=False)), Feature("y", "number")
    )
    text = PROPOSALS["tabular-regression"].code("m", schema, ["the review"])
    pipeline = module_of(tmp_path, text).build_pipeline(max_iter=20)
    frame = pd.DataFrame({"x": [1.0, None] * 30, "the review": ["good and cheap", "bad and dear"] * 30})
    frame["town"] = pd.Series(["Lugo", None, "Soria"] * 20, dtype=object)
    good = [1.0, 0.0] * 30
    predicted = pipeline.fit(frame[list(schema.feature_names)], good).predict(frame.assign(x=None).astype({"x": float}))
    assert abs(predicted - good).max() < 0.5


def test_texts_get_a_linear_model(tmp_path: Path) -> None:
    text = PROPOSALS["text-classification"].code("m", SCHEMA, ())
    pipeline = module_of(tmp_path, text).build_pipeline(**PROPOSALS["text-classification"].args(10))
    documents = ["el gol", "la película", "un gol", "otra película"] * 3
    assert pipeline.fit(documents, ["a", "b"] * 6).predict(["gol"]).tolist() == ["a"]


def test_a_large_table_gets_more_trees() -> None:
    small, large = (PROPOSALS["tabular-regression"].args(rows) for rows in (1000, 100_000))
    assert small["max_iter"] < large["max_iter"]
    assert small.keys() == large.keys()


@pytest.mark.parametrize("texts", [(), tuple(NAMES[:1]), tuple(NAMES)], ids=len)
@pytest.mark.parametrize("task", ["tabular-classification", "text-classification"])
def test_the_code_is_formatted_and_clean(tmp_path: Path, root: Path, task: Any, texts: tuple[str, ...]) -> None:
    path = tmp_path / "pipeline.py"
    path.write_text(PROPOSALS[task].code("m", SCHEMA, texts), encoding="utf-8")
    for command in (["format", "--diff"], ["check"]):
        arguments = [sys.executable, "-m", "ruff", *command, "--no-cache", "--config", str(root / "pyproject.toml")]
        done = subprocess.run([*arguments, str(path)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("schema", [SCHEMA, NUMBERS])
@pytest.mark.parametrize("task", ["tabular-classification", "tabular-regression"])
def test_a_proposal_of_several_targets_has_a_model_for_each(tmp_path: Path, task: Any, schema: Schema) -> None:
    several = Schema(schema.features, (Feature("a", "number"), Feature("b", "number")))
    text = PROPOSALS[task].code("m", several, ())
    pipeline = module_of(tmp_path, text).build_pipeline(**PROPOSALS[task].args(10))
    frame = pd.DataFrame({name: pd.Series(["a", None, "b"] * 20, dtype=object) for name in schema.string_names})
    frame["x"] = [1.0, None, 3.0] * 20
    pipeline.fit(frame, [[0, 1], [1, 0], [0, 0]] * 20)
    assert pipeline.predict(frame).shape == (60, 2)
    assert "one for each target" in text


def test_a_proposal_over_texts_predicts_several_labels(tmp_path: Path) -> None:
    schema = Schema((Feature("text", "string", categorical=False),), (Feature("a", "string"), Feature("b", "string")))
    proposal = PROPOSALS["text-classification"]
    pipeline = module_of(tmp_path, proposal.code("m", schema, ("text",))).build_pipeline(**proposal.args(10))
    texts = ["sol y mar", "luz y sol", "mar y luz"] * 5
    pipeline.fit(texts, [["x", "u"], ["y", "u"], ["x", "v"]] * 5)
    assert pipeline.predict(texts).shape == (15, 2)
