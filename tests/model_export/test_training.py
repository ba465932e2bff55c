"""From rows to production: the gate, races, pins, old data, and attempts that died."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.core import training_data
from functions.core.clock import now
from functions.core.definition import Definition
from functions.core.errors import (
    ConflictError,
    DamagedVersionError,
    Fault,
    InvalidInputError,
    ParityError,
)
from functions.core.history import Production
from functions.core.model_folder import load_definition
from functions.core.registry import PROMOTION_ATTEMPTS, Pointer, Registry
from functions.core.row_ids import stored_ids
from functions.core.schema import FeatureType, Table
from functions.core.verdicts import read_verdict
from functions.local.home import Home
from functions.serving.version import LoadedVersion
from model_export import training as training_module
from model_export.pipelines import candidate as candidate_module
from model_export.pipelines.candidate import score_rows
from model_export.pipelines.convert import export
from model_export.pipelines.target_metrics import measure_targets
from model_export.split import split_rows, take_rows
from model_export.training import SupersededError, TrainingRun, train

Row = dict[str, Any]
Rows = Callable[[str], list[Row]]
MakeRun = Callable[..., TrainingRun]
OLD = "2026-01-01T00:00:00.000000Z"


@pytest.fixture
def registry(home: Home) -> Registry:
    return home.registry


@pytest.fixture
def run_of(definitions: Mapping[str, Definition], labelled: Rows) -> MakeRun:
    """A training run on the first `rows` of a sample."""

    def make(model: str = "car-price", *, rows: int = 800, **options: Any) -> TrainingRun:
        table = table_of(labelled(model)[:rows])
        return TrainingRun(**{"definition": definitions[model], "table": table, "data_time": now(), **options})

    return make


@pytest.fixture
def bad_run(run_of: MakeRun) -> TrainingRun:
    """A run on customers with random labels, which no gate lets pass."""
    run = run_of("churn", rows=600)
    labels = ["yes" if index % 2 else "no" for index in range(600)]
    return replace(run, table={**run.table, "churn": [*labels]})


def table_of(rows: list[Row]) -> Table:
    return {name: [row[name] for row in rows] for name in rows[0]}


class Interrupted(Registry):
    """A registry that calls `before` with the version that a promotion expects to replace."""

    def __init__(self, registry: Registry, before: Callable[[int | None], object]) -> None:
        super().__init__(registry.storage)
        self._before = before

    def promote(self, model: str, version: int, *, expected: Pointer, **options: Any) -> Production:
        self._before(expected.production.version if expected.production else None)
        return super().promote(model, version, expected=expected, **options)


def promote_first(registry: Registry, model: str) -> None:
    """Put version 1 in production again, as somebody else."""
    registry.promote(model, 1, actor="a person", expected=registry.pointer(model), data_time=OLD)


def die(*_: object) -> None:
    raise KeyboardInterrupt


def production(registry: Registry, model: str) -> int:
    found = registry.pointer(model).production
    assert found is not None
    return found.version


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


def test_a_lost_race_asks_the_gate_again(registry: Registry, bad_run: TrainingRun, run_of: MakeRun) -> None:
    """Weak production, so that the challenger passes; then somebody promotes a good one in between."""
    floorless = replace(bad_run.definition, gate=replace(bad_run.definition.gate, floors={}))
    weak = train(registry, replace(bad_run, force=True)).version
    decided: list[int | None] = []

    def interrupt(expected: int | None) -> None:
        decided.append(expected)
        if len(decided) == 1:
            promote_first(registry, "churn")

    half = replace(run_of("churn", rows=2800).definition, args={"C": 1e-5, "solver": "liblinear", "max_iter": 1000})
    run = replace(run_of("churn", rows=2800), definition=replace(half, gate=floorless.gate))
    result = train(Interrupted(registry, interrupt), run)
    assert decided == [weak]
    assert result.promoted is False
    assert "worse than production's" in result.reason
    assert production(registry, "churn") == 1


def test_a_race_lost_once_is_won_the_second_time(registry: Registry, run_of: MakeRun) -> None:
    lost: list[int | None] = []

    def interrupt(expected: int | None) -> None:
        if not lost:
            promote_first(registry, "car-price")
        lost.append(expected)

    assert train(Interrupted(registry, interrupt), run_of()).promoted is True
    assert [one.version for one in registry.history("car-price")] == [1, 1, 2]


def test_a_race_lost_again_and_again_is_given_up(registry: Registry, run_of: MakeRun) -> None:
    lost: list[int | None] = []

    def interrupt(expected: int | None) -> None:
        promote_first(registry, "car-price")
        lost.append(expected)

    with pytest.raises(ConflictError, match="try again"):
        train(Interrupted(registry, interrupt), run_of())
    assert lost == [1] * PROMOTION_ATTEMPTS


@pytest.mark.parametrize("force", [False, True])
def test_older_rows_than_productions_are_superseded_before_anything_is_fit(
    registry: Registry, run_of: MakeRun, monkeypatch: pytest.MonkeyPatch, force: bool
) -> None:
    monkeypatch.setattr(training_module, "fit_candidate", lambda *_: pytest.fail("it was fitted"))
    with pytest.raises(SupersededError, match=r"newer than these rows .*: send them again by POST .../retrain"):
        train(registry, run_of(data_time="2025-12-31T23:59:59.999999Z", force=force))
    assert registry.versions("car-price") == [1]


def test_rows_that_grew_old_while_they_were_trained_on_are_superseded(registry: Registry, run_of: MakeRun) -> None:
    def newer(stage: str, fraction: float) -> None:
        if stage == "promote":
            pointer = registry.pointer("car-price")
            registry.promote("car-price", 1, actor="x", expected=pointer, data_time=now(plus_seconds=60))

    with pytest.raises(SupersededError):
        train(registry, run_of(progress=newer))
    assert production(registry, "car-price") == 1
    verdict = read_verdict(registry.storage, "car-price", 2)
    assert verdict is not None
    assert (verdict.promoted, "newer than these rows" in verdict.reason) == (False, True)


def test_the_verdict_is_kept_with_the_version(registry: Registry, run_of: MakeRun, bad_run: TrainingRun) -> None:
    for run in (run_of("churn", rows=1500), replace(bad_run, actor="luis")):
        result = train(registry, run)
        verdict = read_verdict(registry.storage, "churn", result.version)
        assert verdict is not None
        assert (verdict.promoted, verdict.reason, verdict.actor) == (result.promoted, result.reason, run.actor)
        assert verdict.production_metrics == result.production_metrics
    assert (result.promoted, verdict.reason.count("below the floor")) == (False, 2)


def test_a_run_that_died_after_it_promoted_has_the_same_verdict(registry: Registry, run_of: MakeRun) -> None:
    claims: list[int] = []
    run = run_of(on_claim=claims.append)
    train(registry, run)
    registry.storage.delete("models/car-price/versions/2/verdict.json")
    assert train(registry, replace(run, claimed=claims[0])).reason == "the gate let it pass"
    verdict = read_verdict(registry.storage, "car-price", 2)
    assert verdict is not None
    assert verdict.promoted


def test_rows_as_old_as_productions_are_not_superseded(registry: Registry, run_of: MakeRun) -> None:
    assert train(registry, run_of(data_time=OLD)).promoted is True


def test_a_production_that_may_know_the_rows_is_named_in_the_reason(registry: Registry, run_of: MakeRun) -> None:
    manifest = replace(registry.manifest("churn", 1), metrics_in_sample=True)
    registry.storage.write("models/churn/versions/1/manifest.json", manifest.to_json())
    run = run_of("churn", rows=1500)
    weak = replace(run.definition, args={**run.definition.args, "C": 1e-6})
    result = train(registry, replace(run, definition=replace(weak, gate=replace(weak.gate, floors={}))))
    assert result.promoted is False
    assert "which may have been fitted on these rows" in result.reason


@pytest.mark.parametrize("force", [False, True])
def test_a_pinned_version_stays(registry: Registry, run_of: MakeRun, force: bool) -> None:
    registry.promote_now("car-price", 1, actor="x", pinned=True)
    result = train(registry, run_of(force=force))
    assert (result.promoted, result.reason) == (False, "version 1 is pinned in production")
    assert production(registry, "car-price") == 1


def test_extend_trains_on_productions_rows_and_then_the_new_ones(
    registry: Registry, run_of: MakeRun, labelled: Rows
) -> None:
    run = run_of(rows=50, mode="extend")
    result = train(registry, run)
    before = table_of(labelled("car-price"))
    assert sum(result.rows.values()) == 2550
    data = registry.manifest("car-price", result.version).data
    assert data is not None
    assert data.mode == "extend"
    stored = training_data.load(registry.storage, data.digest)
    assert stored == {name: [*before[name], *run.table[name]] for name in run.table}


def test_ids_follow_their_rows_through_extensions(tmp_path: Any, run_of: MakeRun) -> None:
    registry, run = Home(tmp_path).registry, run_of()
    names = tuple(f"car-{row}" for row in range(800))
    train(registry, replace(run, ids=names))
    train(registry, run_of(rows=30, mode="extend", ids=names[:30], force=True))
    result = train(registry, run_of(rows=20, mode="extend", force=True))
    data = registry.manifest("car-price", result.version).data
    assert data is not None
    (ids,) = stored_ids(registry.storage, data.digest)
    assert (ids.model, len(ids.digests), ids.digests[830:]) == ("car-price", 850, (None,) * 20)
    assert [row for row, is_one in enumerate(ids.of("car-7")) if is_one] == [7, 807]


def test_rows_without_ids_are_stored_as_before(registry: Registry, run_of: MakeRun) -> None:
    before = registry.storage.keys("data")
    data = registry.manifest("car-price", train(registry, run_of()).version).data
    assert data is not None
    assert registry.storage.keys("data") == sorted([*before, f"data/{data.digest}"])


def test_extend_without_production_trains_on_the_new_rows(tmp_path: Any, run_of: MakeRun) -> None:
    result = train(Home(tmp_path).registry, run_of(mode="extend"))
    assert sum(result.rows.values()) == 800


DATES = """
name = "dates"
task = "tabular-regression"
[target]
name = "price"
type = "number"
[features.when]
type = "datetime"
[limits]
minimum_training_rows = 12
"""
PARTS = """
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from model_export.transformers.dates import DateParts

def build_pipeline():
    return make_pipeline(DateParts(["weekday", "elapsed_days"]), LinearRegression())
"""
DAYS: Table = {
    "when": [datetime(2024, 1, 1) + timedelta(days=day, seconds=day % 7) for day in range(40)],
    "price": [float(day) for day in range(40)],
}


@pytest.fixture
def dates(tmp_path: Path) -> Callable[[str], Definition]:
    """The definition of a model of dates; the argument is added to the section of its feature."""

    def make(feature: str = "") -> Definition:
        folder = tmp_path / "models" / "dates"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.toml").write_text(DATES.replace('"datetime"', f'"datetime"\n{feature}'), encoding="utf-8")
        (folder / "pipeline.py").write_text(PARTS, encoding="utf-8")
        day = "2024-01-01T00:00Z" if "UTC" in feature else "2024-01-01"
        (folder / "examples.json").write_text(f'[{{"when": "{day}"}}]', encoding="utf-8")
        return load_definition(folder)

    return make


def test_extend_adds_dates_to_the_dates_of_production(tmp_path: Path, dates: Callable[..., Definition]) -> None:
    registry = Home(tmp_path / "home").registry
    train(registry, TrainingRun(dates(), DAYS))
    result = train(registry, TrainingRun(dates(), DAYS, mode="extend"))
    data = registry.manifest("dates", result.version).data
    assert data is not None
    stored = training_data.load(registry.storage, data.digest, ("when",))
    assert stored == {name: column * 2 for name, column in DAYS.items()}
    assert result.production_metrics is not None
    assert result.production_metrics["rmse"] < 1e-6


def test_times_of_another_time_zone_extend_nothing_and_are_not_compared(
    tmp_path: Path, dates: Callable[..., Definition]
) -> None:
    registry = Home(tmp_path / "home").registry
    train(registry, TrainingRun(dates(), DAYS))
    in_utc = dates('time_zone = "UTC"')
    with pytest.raises(InvalidInputError, match="another type or time zone of when, so they cannot be extended"):
        train(registry, TrainingRun(in_utc, DAYS, mode="extend"))
    assert train(registry, TrainingRun(in_utc, DAYS)).production_metrics is None


def with_type(run: TrainingRun, name: str, kind: FeatureType) -> TrainingRun:
    """The run of a model whose feature has another type now."""
    schema = run.definition.schema
    other = {"type": kind, "minimum": None, "maximum": None}
    features = tuple(replace(one, **other) if one.name == name else one for one in schema.features)
    return replace(run, definition=replace(run.definition, schema=replace(schema, features=features)))


def test_rows_of_another_type_extend_nothing(registry: Registry, run_of: MakeRun) -> None:
    run = run_of(rows=50, mode="extend")
    changed = with_type(with_type(run, "fuel", "integer"), "year", "string")
    with pytest.raises(InvalidInputError, match="another type or time zone of year, fuel, so they cannot be extended"):
        train(registry, replace(changed, table={**run.table, "fuel": [1] * 50, "year": ["2012"] * 50}))
    assert registry.versions("car-price") == [1]


def test_whole_numbers_extend_numbers(registry: Registry, run_of: MakeRun) -> None:
    assert sum(train(registry, with_type(run_of(rows=50, mode="extend"), "year", "number")).rows.values()) == 2550


def test_numbers_do_not_extend_into_whole_numbers(registry: Registry, run_of: MakeRun) -> None:
    run = with_type(run_of(force=True), "year", "number")
    halves = [float(year) + 0.5 for year in run.table["year"]]  # type: ignore[arg-type]
    assert train(registry, replace(run, table={**run.table, "year": [*halves]})).promoted is True
    with pytest.raises(InvalidInputError, match="another type or time zone of year, so they cannot be extended"):
        train(registry, run_of(rows=50, mode="extend"))
    assert registry.versions("car-price") == [1, 2]


def test_a_few_rows_may_extend_what_they_could_not_replace(registry: Registry, run_of: MakeRun) -> None:
    with pytest.raises(InvalidInputError, match="too few"):
        train(registry, run_of(rows=5))
    assert train(registry, run_of(rows=5, mode="extend")).promoted is True


def test_one_class_is_refused(registry: Registry, bad_run: TrainingRun) -> None:
    with pytest.raises(InvalidInputError, match="at least two classes") as refused:
        train(registry, replace(bad_run, table={**bad_run.table, "churn": ["no"] * 600}))
    assert refused.value.faults[0].loc == ("churn",)
    assert registry.versions("churn") == [1]


def test_a_published_version_is_resumed_without_a_second_one(registry: Registry, run_of: MakeRun) -> None:
    claims: list[int] = []
    run = run_of(on_claim=claims.append)
    with pytest.raises(KeyboardInterrupt):
        train(Interrupted(registry, die), run)
    assert claims == [2]
    result = train(registry, replace(run, claimed=2, on_claim=lambda version: pytest.fail("claimed again")))
    assert (result.version, result.promoted) == (2, True)
    assert registry.versions("car-price") == [1, 2]


def test_the_version_of_an_attempt_that_died_is_opened_as_well_before_it_is_promoted(
    registry: Registry, run_of: MakeRun
) -> None:
    run = run_of()
    with pytest.raises(KeyboardInterrupt):
        train(Interrupted(registry, die), run)
    registry.storage.write("models/car-price/versions/2/model.onnx", b"no graph")
    result = train(registry, replace(run, claimed=2))
    assert (result.version, result.promoted) == (2, False)
    assert "versions/2/model.onnx differs" in result.reason
    assert (registry.versions("car-price"), production(registry, "car-price")) == ([1, 2], 1)


def test_a_promoted_version_is_resumed_without_a_second_promotion(registry: Registry, run_of: MakeRun) -> None:
    run = run_of()
    first = train(registry, run)
    again = train(registry, replace(run, claimed=first.version))
    assert (again.version, again.promoted, again.metrics) == (first.version, True, first.metrics)
    assert len(registry.history("car-price")) == 2


def test_a_claim_that_was_never_published_is_used_again(registry: Registry, run_of: MakeRun) -> None:
    claimed = registry.claim("car-price")
    result = train(registry, run_of(claimed=claimed))
    assert (claimed, result.version) == (2, 2)
    assert registry.versions("car-price") == [1, 2]


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


def test_extending_rows_that_are_damaged_says_which(registry: Registry, run_of: MakeRun) -> None:
    data = registry.manifest("car-price", 1).data
    assert data is not None
    registry.storage.write(f"data/{data.digest}", b"[]")
    with pytest.raises(DamagedVersionError, match=data.digest):
        train(registry, run_of(mode="extend"))


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


@pytest.mark.parametrize("stage", ["validate", "fit", "export", "parity", "evaluate", "publish", "promote"])
def test_a_death_at_any_stage_leaves_production_and_can_be_repeated(
    registry: Registry, run_of: MakeRun, stage: str
) -> None:
    before = registry.pointer("car-price")

    def die(reached: str, fraction: float) -> None:
        if reached == stage:
            raise KeyboardInterrupt

    run = run_of()
    with pytest.raises(KeyboardInterrupt):
        train(registry, replace(run, progress=die))
    assert registry.pointer("car-price") == before
    assert LoadedVersion.load(registry, "car-price", 1)
    assert train(registry, run).promoted is True


def test_stages_are_reported_in_order(registry: Registry, run_of: MakeRun) -> None:
    reported: list[tuple[str, float]] = []
    train(registry, run_of(progress=lambda stage, fraction: reported.append((stage, fraction))))
    assert [stage for stage, _ in reported] == ["validate", "fit", "export", "parity", "evaluate", "publish", "promote"]
    assert [fraction for _, fraction in reported] == sorted(fraction for _, fraction in reported)


def test_nothing_in_production_is_a_pointer_to_nothing(tmp_path: Any) -> None:
    assert Home(tmp_path).registry.pointer("churn") == Pointer(None, None)
