"""From rows to production: the version that is made of them, the gate, and pins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from functions.core import training_data
from functions.core.clock import now
from functions.core.errors import InvalidInputError, ParityError
from functions.core.registry import Pointer, Registry
from functions.core.verdicts import read_verdict
from functions.local.home import Home
from model_export.pipelines import candidate as candidate_module
from model_export.pipelines.convert import export
from model_export.split import split_rows, take_rows
from model_export.training import TrainingRun, train
from tests.model_export.training_runs import MakeRun, production


def test_a_version_holds_everything_that_was_promised(registry: Registry, run_of: MakeRun) -> None:
    run = run_of()
    result = train(registry, run)
    manifest = registry.manifest("car-price", result.version)
    assert manifest.artifacts.keys() == {"model.onnx", "model.joblib", "performance.json", "parity.json"}
    for name in manifest.artifacts:
        registry.artifact(manifest, name)
    assert manifest.definition_digest == run.definition.digest
    assert manifest.args == run.definition.args
    assert manifest.metrics == result.metrics
    assert manifest.data is not None
    assert manifest.data.time == run.data_time
    assert training_data.load(registry.storage, manifest.data.digest) == run.table


def test_levels_and_ranges_come_from_the_training_rows(registry: Registry, run_of: MakeRun) -> None:
    run = run_of()
    manifest = registry.manifest("car-price", train(registry, run).version)
    training, _ = split_rows(run.table, run.definition.schema, run.definition.split)
    rows = take_rows(run.table, training)
    features = {feature.name: feature for feature in manifest.schema.features}
    assert set(features["fuel"].levels) == {value for value in rows["fuel"] if value is not None}
    assert features["year"].observed == (min(rows["year"]), max(rows["year"]))  # type: ignore[type-var]


def test_the_same_rows_give_the_same_metrics(registry: Registry, run_of: MakeRun) -> None:
    run = run_of()
    first, second = train(registry, run), train(registry, replace(run, data_time=now()))
    assert first.metrics == second.metrics
    assert (first.version, second.version) == (2, 3)


def test_rows_to_evaluate_on_leave_all_others_to_train_on(registry: Registry, run_of: MakeRun) -> None:
    evaluation = run_of(rows=900).table
    evaluation = {name: column[800:] for name, column in evaluation.items()}
    result = train(registry, run_of(rows=800, evaluation=evaluation))
    assert result.rows == {"training": 800, "evaluation": 100}
    data = registry.manifest("car-price", result.version).data
    assert data is not None
    assert training_data.load(registry.storage, data.digest)["year"] == run_of(rows=800).table["year"]


def test_the_gate_refuses_and_the_version_is_kept(registry: Registry, bad_run: TrainingRun) -> None:
    result = train(registry, bad_run)
    assert (result.promoted, production(registry, "churn")) == (False, 1)
    assert "roc_auc" in result.reason
    assert registry.versions("churn") == [1, 2]


def unservable(run: TrainingRun, fault: str) -> TrainingRun:
    """The same run for a definition whose version cannot predict."""
    definition = run.definition
    if fault == "example":
        return replace(run, definition=replace(definition, examples=({"colour": "red"},)))
    limits = replace(definition.limits, max_instances=0 if fault == "limit" else "many")  # type: ignore[arg-type]
    return replace(run, definition=replace(definition, limits=limits))


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("fault", ["example", "limit", "limit of another type"])
def test_a_version_that_cannot_serve_is_kept_with_the_reason(
    registry: Registry, run_of: MakeRun, fault: str, force: bool
) -> None:
    before = registry.pointer("car-price")
    result = train(registry, unservable(run_of(force=force), fault))
    assert result.promoted is False
    assert "car-price version 2 is not promoted, because it cannot serve: " in result.reason
    assert result.metrics.keys() >= {"rmse", "r2"}
    assert (registry.versions("car-price"), registry.pointer("car-price")) == ([1, 2], before)


@pytest.mark.usefixtures("damaged_graphs")
def test_a_graph_that_the_storage_damaged_is_not_promoted(registry: Registry, run_of: MakeRun) -> None:
    result = train(registry, run_of())
    assert result.promoted is False
    assert "versions/2/model.onnx differs from the sha256" in result.reason
    assert (registry.versions("car-price"), production(registry, "car-price")) == ([1, 2], 1)


def test_force_passes_the_gate(registry: Registry, bad_run: TrainingRun) -> None:
    result = train(registry, replace(bad_run, force=True))
    assert (result.promoted, result.reason, production(registry, "churn")) == (True, "forced past the gate", 2)


def test_the_verdict_is_kept_with_the_version(registry: Registry, run_of: MakeRun, bad_run: TrainingRun) -> None:
    for run in (run_of("churn", rows=1500), replace(bad_run, actor="luis")):
        result = train(registry, run)
        verdict = read_verdict(registry.storage, "churn", result.version)
        assert verdict is not None
        assert (verdict.promoted, verdict.reason, verdict.actor) == (result.promoted, result.reason, run.actor)
        assert verdict.production_metrics == result.production_metrics
    assert (result.promoted, verdict.reason.count("below the floor")) == (False, 2)


@pytest.mark.parametrize("force", [False, True])
def test_a_pinned_version_stays(registry: Registry, run_of: MakeRun, force: bool) -> None:
    registry.promote_now("car-price", 1, actor="x", pinned=True)
    result = train(registry, run_of(force=force))
    assert (result.promoted, result.reason) == (False, "version 1 is pinned in production")
    assert production(registry, "car-price") == 1


def test_one_class_is_refused(registry: Registry, bad_run: TrainingRun) -> None:
    with pytest.raises(InvalidInputError, match="at least two classes") as refused:
        train(registry, replace(bad_run, table={**bad_run.table, "churn": ["no"] * 600}))
    assert refused.value.faults[0].loc == ("churn",)
    assert registry.versions("churn") == [1]


def test_a_graph_that_differs_publishes_nothing(
    registry: Registry, run_of: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = registry.artifact(registry.manifest("car-price", 1), "model.onnx")
    monkeypatch.setattr(candidate_module, "export", lambda *given: {**export(*given), "model.onnx": other})
    with pytest.raises(ParityError, match="differ on"):
        train(registry, run_of())
    assert registry.versions("car-price") == [1]
    assert registry.storage.children("models/car-price/versions") == ["1"]
    assert production(registry, "car-price") == 1


def test_stages_are_reported_in_order(registry: Registry, run_of: MakeRun) -> None:
    reported: list[tuple[str, float]] = []
    train(registry, run_of(progress=lambda stage, fraction: reported.append((stage, fraction))))
    assert [stage for stage, _ in reported] == ["validate", "fit", "export", "parity", "evaluate", "publish", "promote"]
    assert [fraction for _, fraction in reported] == sorted(fraction for _, fraction in reported)


def test_nothing_in_production_is_a_pointer_to_nothing(tmp_path: Any) -> None:
    assert Home(tmp_path).registry.pointer("churn") == Pointer(None, None)
