"""Rows that extend those of production: kept with their ids and types, or refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.core import training_data
from functions.core.definition import Definition
from functions.core.errors import DamagedVersionError, InvalidInputError
from functions.core.model_folder import load_definition
from functions.core.registry import Registry
from functions.core.row_ids import stored_ids
from functions.core.schema import FeatureType, Table
from functions.local.home import Home
from model_export.training import TrainingRun, train
from tests.model_export.training_runs import MakeRun, Rows, table_of


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


def test_extending_rows_that_are_damaged_says_which(registry: Registry, run_of: MakeRun) -> None:
    data = registry.manifest("car-price", 1).data
    assert data is not None
    registry.storage.write(f"data/{data.digest}", b"[]")
    with pytest.raises(DamagedVersionError, match=data.digest):
        train(registry, run_of(mode="extend"))
