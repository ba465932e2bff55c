"""A new version beside production: both measured on the same rows, or nothing to compare with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from functions.core.definition import Definition
from functions.core.errors import Fault, InvalidInputError
from functions.core.registry import Registry
from functions.core.schema import Table
from functions.local.home import Home
from functions.serving.version import LoadedVersion
from model_export.pipelines.candidate import score_rows
from model_export.pipelines.target_metrics import measure_targets
from model_export.split import split_rows, take_rows
from model_export.training import TrainingRun, train
from tests.model_export.training_runs import MakeRun


def test_production_is_measured_on_the_same_rows(registry: Registry, run_of: MakeRun) -> None:
    run = run_of("churn", rows=1500)
    result = train(registry, run)
    _, evaluation = split_rows(run.table, run.definition.schema, run.definition.split)
    champion = LoadedVersion.load(registry, "churn", 1)
    rows = take_rows(run.table, evaluation)
    expected = measure_targets(score_rows(champion.predictor, rows, champion.manifest.schema, champion.manifest.labels))
    assert result.production_metrics == expected
    assert result.rows["evaluation"] == len(evaluation)


def test_a_challenger_behind_production_by_more_than_the_margin_is_refused(registry: Registry, run_of: MakeRun) -> None:
    run = run_of("churn", rows=2800)
    weak = replace(run.definition, args={**run.definition.args, "C": 1e-5})
    gate = replace(weak.gate, floors={})
    result = train(registry, replace(run, definition=replace(weak, gate=gate)))
    assert result.promoted is False
    assert "worse than production's" in result.reason
    allowed = replace(weak, gate=replace(gate, compare=replace(gate.compare, margin=0.9)))  # type: ignore[type-var]
    assert train(registry, replace(run, definition=allowed)).promoted is True


Letters = Callable[..., Definition]
THIRDS: Table = {"x": [float(x) for x in range(150)], "letter": ["a"] * 50 + ["b"] * 50 + ["c"] * 50}
HALVES: Table = {name: column[:100] for name, column in THIRDS.items()}


def test_a_version_that_knows_a_new_label_is_compared_on_the_rows_of_all_labels(
    tmp_path: Path, letters: Letters
) -> None:
    """The new label is noise: neither version can tell it, and its rows count for both."""
    registry = Home(tmp_path / "home").registry
    train(registry, TrainingRun(letters(), HALVES, evaluation=HALVES))
    noisy = {**HALVES, "letter": ["c" if place % 5 == 2 else old for place, old in enumerate(HALVES["letter"])]}
    result = train(registry, TrainingRun(letters(), noisy, evaluation=noisy))
    assert result.production_metrics is not None
    assert result.production_metrics["accuracy"] == 0.8  # 1 on the rows whose label it knows
    assert 0.75 <= result.metrics["accuracy"] <= 0.8
    assert (result.promoted, result.reason) == (True, "the gate let it pass")


@pytest.mark.parametrize("metric", ["accuracy", "roc_auc", "log_loss", "f1"])
def test_a_version_that_lacks_a_label_of_the_rows_falls_behind_production(
    tmp_path: Path, letters: Letters, metric: str
) -> None:
    registry = Home(tmp_path / "home").registry
    train(registry, TrainingRun(letters(metric), THIRDS, evaluation=THIRDS))
    result = train(registry, TrainingRun(letters(metric), HALVES, evaluation=THIRDS))
    assert result.promoted is False
    assert result.production_metrics is not None
    new, old = result.metrics[metric], result.production_metrics[metric]
    assert f"{metric} {new:.4g} is worse than production's {old:.4g} by more than 0.05" in result.reason
    assert "the new version was not trained on c, whose rows count as wrong" in result.reason


def test_the_result_has_both_versions_metrics_on_the_same_rows_and_the_manifest_those_of_its_own_labels(
    tmp_path: Path, letters: Letters
) -> None:
    registry = Home(tmp_path / "home").registry
    noisy = {**THIRDS, "letter": ["b" if place % 10 == 2 else old for place, old in enumerate(THIRDS["letter"])]}
    train(registry, TrainingRun(letters(), noisy, evaluation=noisy))
    result = train(registry, TrainingRun(letters(), HALVES, evaluation=THIRDS))
    assert result.metrics["accuracy"] == pytest.approx(2 / 3, abs=0.01)
    assert result.production_metrics is not None
    assert result.production_metrics["accuracy"] > 0.85
    assert registry.manifest("letters", 2).metrics["accuracy"] >= 0.99


def test_without_production_there_is_nothing_to_compare_with(tmp_path: Any, run_of: MakeRun) -> None:
    result = train(Home(tmp_path).registry, run_of("churn", rows=2800))
    assert (result.version, result.promoted, result.production_metrics) == (1, True, None)


@pytest.mark.parametrize("damage", ["missing", "changed"])
def test_a_production_that_cannot_be_read_is_replaced(home: Home, run_of: MakeRun, damage: str) -> None:
    graph = home.root / "registry/models/car-price/versions/1/model.onnx"
    if damage == "missing":
        graph.unlink()
    else:
        graph.write_bytes(b"no graph")
    result = train(home.registry, run_of())
    assert (result.promoted, result.production_metrics) == (True, None)


def test_a_production_of_other_columns_is_not_compared(registry: Registry, run_of: MakeRun) -> None:
    run = run_of("churn", rows=2800)
    kept = tuple(feature for feature in run.definition.schema.features if feature.name != "partner")
    (example, *_) = run.definition.examples
    examples = ({name: value for name, value in example.items() if name != "partner"},)
    definition = replace(run.definition, schema=replace(run.definition.schema, features=kept), examples=examples)
    table = {name: column for name, column in run.table.items() if name != "partner"}
    result = train(registry, replace(run, definition=definition, table=table))
    assert (result.promoted, result.production_metrics) == (True, None)


def test_a_production_of_other_types_is_not_compared(registry: Registry, run_of: MakeRun) -> None:
    run = run_of("churn", rows=2800)
    features = tuple(
        replace(feature, type="string", allowed=()) if feature.name == "seniorcitizen" else feature
        for feature in run.definition.schema.features
    )
    examples = ({**run.definition.examples[0], "seniorcitizen": "yes"},)
    definition = replace(run.definition, schema=replace(run.definition.schema, features=features), examples=examples)
    table: Table = {**run.table, "seniorcitizen": ["yes" if value else "no" for value in run.table["seniorcitizen"]]}
    result = train(registry, replace(run, definition=definition, table=table))
    assert (result.promoted, result.production_metrics) == (True, None)


def test_a_production_that_may_know_the_rows_is_named_in_the_reason(registry: Registry, run_of: MakeRun) -> None:
    manifest = replace(registry.manifest("churn", 1), metrics_in_sample=True)
    registry.storage.write("models/churn/versions/1/manifest.json", manifest.to_json())
    run = run_of("churn", rows=1500)
    weak = replace(run.definition, args={**run.definition.args, "C": 1e-6})
    result = train(registry, replace(run, definition=replace(weak, gate=replace(weak.gate, floors={}))))
    assert result.promoted is False
    assert "which may have been fitted on these rows" in result.reason


def test_production_that_cannot_be_read_is_nothing_to_compare_with(registry: Registry, run_of: MakeRun) -> None:
    registry.storage.write("models/car-price/versions/1/manifest.json", b"{")
    result = train(registry, run_of())
    assert (result.promoted, result.production_metrics) == (True, None)


def test_production_that_has_no_finite_prediction_for_the_rows_is_not_compared(
    registry: Registry, run_of: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_finite(*given: Any, **options: Any) -> Any:
        raise InvalidInputError([Fault((), "the model has no finite prediction", "not_finite")])

    monkeypatch.setattr("model_export.comparison.score_rows", without_finite)
    result = train(registry, run_of())
    assert (result.promoted, result.production_metrics) == (True, None)
