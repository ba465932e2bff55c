"""Candidates: proven and measured, or refused with a reason."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import orjson
import pytest
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import roc_auc_score, root_mean_squared_error
from sklearn.neighbors import RadiusNeighborsClassifier
from sklearn.pipeline import Pipeline

from functions.core.definition import Definition
from functions.core.errors import ConversionError, DefinitionError, InvalidInputError
from functions.core.model_folder import load_definition
from functions.core.schema import Feature, Schema, Table
from model_export.pipelines.candidate import PipelineCandidate, fit_candidate, prove_pipeline, score_rows
from model_export.pipelines.pipeline_input import pipeline_input, target_array
from model_export.split import split_rows, take_rows

Row = dict[str, Any]
Split = Callable[[str], tuple[Table, Table]]


@pytest.fixture(scope="module")
def split(definitions: Mapping[str, Definition], labelled: Callable[[str], list[Row]]) -> Split:
    """Training and evaluation rows of a sample's first thousand."""

    def make(model: str) -> tuple[Table, Table]:
        rows = labelled(model)[:1000]
        table = {name: [row[name] for row in rows] for name in rows[0]}
        definition = definitions[model]
        training, evaluation = split_rows(table, definition.schema, definition.split)
        return take_rows(table, training), take_rows(table, evaluation)

    return make


@pytest.fixture(scope="module")
def candidates(definitions: Mapping[str, Definition], split: Split) -> Mapping[str, PipelineCandidate]:
    return {name: fit_candidate(one, *split(name), lambda stage, share: None) for name, one in definitions.items()}


def pipeline_of(candidate: PipelineCandidate) -> Any:
    return joblib.load(io.BytesIO(candidate.files["model.joblib"]))


DATES = """
name = "dates"
task = "tabular-regression"
[target]
name = "y"
type = "number"
[features.when]
type = "datetime"
[features.x]
type = "number"
"""
PLAIN = """
from sklearn.linear_model import LinearRegression

def build_pipeline():
    return LinearRegression()
"""


def test_dates_that_reach_a_step_of_numbers_name_the_step_that_helps(tmp_path: Path) -> None:
    folder = tmp_path / "dates"
    folder.mkdir()
    (folder / "model.toml").write_text(DATES, encoding="utf-8")
    (folder / "pipeline.py").write_text(PLAIN, encoding="utf-8")
    (folder / "examples.json").write_text('[{"when": "2024-01-01", "x": 1}]', encoding="utf-8")
    rows: Table = {"when": [datetime(2024, 1, 1)] * 3, "x": [1.0, 2.0, 3.0], "y": [1.0, 2.0, 3.0]}
    with pytest.raises(DefinitionError, match=r"cannot be fitted .*put .*DateParts over when, which makes numbers"):
        fit_candidate(load_definition(folder), rows, rows, lambda stage, share: None)


def test_metrics_are_scikit_learns_of_the_pipeline_itself(
    candidates: Mapping[str, PipelineCandidate], split: Split, definitions: Mapping[str, Definition]
) -> None:
    for name in ("churn", "car-price"):
        schema, (_, rows) = definitions[name].schema, split(name)
        pipeline = pipeline_of(candidates[name])
        given, truth = pipeline_input(pipeline, rows, schema), target_array(rows, schema)
        if name == "churn":
            expected = {"roc_auc": roc_auc_score(truth, pipeline.predict_proba(given)[:, 1])}
        else:
            expected = {"rmse": root_mean_squared_error(truth, pipeline.predict(given))}
        for metric, value in expected.items():
            assert candidates[name].metrics[metric] == pytest.approx(value, rel=1e-9)


def test_the_files_are_those_of_a_version(candidates: Mapping[str, PipelineCandidate]) -> None:
    for candidate in candidates.values():
        assert candidate.files.keys() == {"model.onnx", "model.joblib", "performance.json", "parity.json"}
        performance = orjson.loads(candidate.files["performance.json"])
        assert {name: value for name, value in performance["overall"].items() if name != "rows"} == candidate.metrics
        assert orjson.loads(candidate.files["parity.json"])["rows"] == candidate.parity.rows > 100


def test_labels_are_in_the_order_of_the_classes(candidates: Mapping[str, PipelineCandidate]) -> None:
    assert candidates["churn"].labels == ("no", "yes")
    assert candidates["car-price"].labels == ()


def test_rows_of_an_unknown_label_are_left_out_of_the_metrics(
    candidates: Mapping[str, PipelineCandidate], split: Split, definitions: Mapping[str, Definition]
) -> None:
    candidate, (_, rows) = candidates["churn"], split("churn")
    found = prove(candidate, definitions["churn"], {**rows, "churn": ["perhaps", *rows["churn"][1:]]})
    expected = prove(candidate, definitions["churn"], {name: column[1:] for name, column in rows.items()})
    assert found.metrics == expected.metrics
    assert orjson.loads(found.files["performance.json"])["overall"]["rows"] == len(rows["churn"]) - 1


def test_a_pipeline_whose_labels_are_not_the_targets_is_refused(
    definitions: Mapping[str, Definition], split: Split
) -> None:
    training, evaluation = split("churn")
    definition = definitions["churn"]
    pipeline = Pipeline([("vectorizer", DictVectorizer(sparse=False)), ("model", LogisticRegression(max_iter=5000))])
    labels = [int(label == "yes") for label in training["churn"]]
    pipeline.fit(pipeline_input(pipeline, training, definition.schema), labels)
    with pytest.raises(ConversionError, match=r"labels 0, 1, but churn is one of no, yes"):
        prove_pipeline(definition, pipeline, definition.schema, evaluation, lambda stage, share: None)


def prove(candidate: PipelineCandidate, definition: Definition, rows: Table) -> PipelineCandidate:
    return prove_pipeline(definition, pipeline_of(candidate), candidate.schema, rows, lambda stage, share: None)


def test_a_pipeline_that_cannot_be_fitted_is_refused_with_its_arguments(
    definitions: Mapping[str, Definition], split: Split
) -> None:
    definition = replace(definitions["churn"], args={"C": "much"})
    with pytest.raises(DefinitionError, match=r"churn cannot be fitted .*'C': 'much'"):
        fit_candidate(definition, *split("churn"), lambda stage, share: None)


def test_rows_on_which_the_pipeline_cannot_be_fitted_are_refused(
    definitions: Mapping[str, Definition], split: Split
) -> None:
    training, evaluation = split("churn")
    huge = {**training, "totalcharges": [1e300, *training["totalcharges"][1:]]}  # the schema has no greatest value
    with pytest.raises(InvalidInputError, match=r"churn cannot be fitted on these rows.*maximum value"):
        fit_candidate(definitions["churn"], huge, evaluation, lambda stage, share: None)


def test_rows_for_which_the_model_has_no_finite_prediction_are_refused() -> None:
    class Overflowing:
        scoring = None

        def run(self, table: Table) -> list[Any]:
            return [np.array([1.0, np.inf, np.nan, 2.0])]

    schema = Schema((Feature("x", "number"),), Feature("y", "number"))
    table: Table = {"x": [1.0, 1e308, 2.0, 3.0], "y": [1.0, 1e308, 2.0, 3.0]}
    with pytest.raises(InvalidInputError, match="no finite prediction for 2 of the 4 rows that it is evaluated on"):
        score_rows(Overflowing(), table, schema, ())  # type: ignore[arg-type]


def test_no_rows_at_all_are_no_reason_to_refuse() -> None:
    class Deciding:
        scoring = "probabilities"

        def run(self, table: Table) -> list[Any]:
            return [np.zeros(0, dtype=np.int64), np.zeros((0, 2))]

    schema = Schema((Feature("x", "number"),), Feature("y", "string"))
    scored = score_rows(Deciding(), {"x": [], "y": []}, schema, ("a", "b"))  # type: ignore[arg-type]
    assert len(scored["y"].truth) == 0


def test_arguments_that_build_pipeline_does_not_know_are_refused(
    definitions: Mapping[str, Definition], split: Split
) -> None:
    definition = replace(definitions["churn"], args={"depth": 3})
    with pytest.raises(DefinitionError, match="depth"):
        fit_candidate(definition, *split("churn"), lambda stage, share: None)


def test_a_pipeline_of_another_task_is_refused(definitions: Mapping[str, Definition], split: Split) -> None:
    training, evaluation = split("churn")
    definition = definitions["churn"]
    pipeline = Pipeline([("vectorizer", DictVectorizer()), ("model", LinearRegression())])
    pipeline.fit(pipeline_input(pipeline, training, definition.schema), np.arange(len(training["churn"])))
    with pytest.raises(ConversionError, match="tabular-classification"):
        prove_pipeline(definition, pipeline, definition.schema, evaluation, lambda stage, share: None)


def test_a_step_without_an_exact_form_is_refused_by_name(definitions: Mapping[str, Definition], split: Split) -> None:
    training, evaluation = split("churn")
    definition = definitions["churn"]
    pipeline = Pipeline([("vectorizer", DictVectorizer(sparse=False)), ("neighbours", RadiusNeighborsClassifier())])
    pipeline.fit(pipeline_input(pipeline, training, definition.schema), target_array(training, definition.schema))
    with pytest.raises(ConversionError, match=r"'neighbours'.*RadiusNeighborsClassifier"):
        prove_pipeline(definition, pipeline, definition.schema, evaluation, lambda stage, share: None)


def test_an_unfitted_pipeline_is_refused(definitions: Mapping[str, Definition], split: Split) -> None:
    definition = definitions["churn"]
    pipeline = Pipeline([("vectorizer", DictVectorizer()), ("model", LogisticRegression())])
    with pytest.raises(ConversionError, match="fit"):
        prove_pipeline(definition, pipeline, definition.schema, split("churn")[1], lambda stage, share: None)
