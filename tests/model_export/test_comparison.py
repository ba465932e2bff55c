"""The metrics of two published versions on the same rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from functions.core.definition import Definition
from functions.core.model_folder import load_definition
from functions.core.schema import Table
from functions.local.home import Home
from functions.serving.version import LoadedVersion
from model_export.comparison import SameRows, compare, metrics_on
from model_export.pipelines.candidate import score_rows
from model_export.pipelines.target_metrics import measure_targets
from model_export.training import TrainingRun, train

Letters = Callable[..., Definition]
THIRDS: Table = {"x": [float(x) for x in range(150)], "letter": ["a"] * 50 + ["b"] * 50 + ["c"] * 50}
AB: Table = {name: column[:100] for name, column in THIRDS.items()}
BC: Table = {name: column[50:] for name, column in THIRDS.items()}


@pytest.fixture
def rows(labelled: Callable[[str], list[dict[str, Any]]]) -> Table:
    found = labelled("churn")[:300]
    return {name: [row[name] for row in found] for name in found[0]}


def test_versions_are_measured_by_their_graphs(home: Home, definitions: Mapping[str, Definition], rows: Table) -> None:
    loaded = LoadedVersion.load(home.registry, "churn", 1)
    expected = measure_targets(score_rows(loaded.predictor, rows, loaded.manifest.schema, loaded.manifest.labels))
    assert metrics_on(home.registry, definitions["churn"], 1, rows) == expected
    measured = {"accuracy": 0.5}
    found = compare(home.registry, definitions["churn"], loaded.manifest, 1, rows, measured=measured)
    assert found == SameRows(measured, expected)


def test_with_a_version_that_is_missing_or_damaged_nothing_is_compared(
    home: Home, definitions: Mapping[str, Definition], rows: Table
) -> None:
    churn, manifest = definitions["churn"], home.registry.manifest("churn", 1)
    assert compare(home.registry, churn, manifest, 9, rows, measured={}) is None
    assert metrics_on(home.registry, churn, 9, rows) is None
    home.registry.storage.write("models/churn/versions/1/model.onnx", b"other")
    assert compare(home.registry, churn, manifest, 1, rows, measured={}) is None
    assert metrics_on(home.registry, churn, 1, rows) is None


def test_with_a_version_of_other_columns_nothing_is_compared(
    home: Home, definitions: Mapping[str, Definition], rows: Table
) -> None:
    schema = definitions["churn"].schema
    other = replace(definitions["churn"], schema=replace(schema, features=schema.features[1:]))
    assert compare(home.registry, other, home.registry.manifest("churn", 1), 1, rows, measured={}) is None
    assert metrics_on(home.registry, other, 1, rows) is None


@pytest.mark.parametrize("estimator", ["LogisticRegression", "LinearSVC"])
def test_rows_of_a_label_that_only_one_version_knows_are_wrong_for_the_other(
    tmp_path: Path, letters: Letters, estimator: str
) -> None:
    """Of three labels each version knows two; of a fourth, which neither knows, no row counts for either."""
    registry, definition = Home(tmp_path / "home").registry, letters(estimator=estimator)
    for table in (AB, BC):
        train(registry, TrainingRun(definition, table, evaluation=table, force=True))
    rows: Table = {"x": [*THIRDS["x"], 7.0], "letter": [*THIRDS["letter"], "d"]}
    found = compare(registry, definition, registry.manifest("letters", 2), 1, rows, measured={})
    assert found is not None
    assert found.metrics["accuracy"] == pytest.approx(2 / 3, abs=0.02)
    assert found.production["accuracy"] == pytest.approx(2 / 3, abs=0.02)
    # 1 for one of its labels, 0.5 for the one that it lacks, and in between for the one in the middle
    assert 0.5 < found.metrics["roc_auc"] < 0.9
    assert 0.5 < found.production["roc_auc"] < 0.9
    assert found.unknown == ("a",)
    own = metrics_on(registry, definition, 2, rows)
    assert own is not None
    assert own["accuracy"] == pytest.approx(1.0, abs=0.02)


def test_a_version_that_has_lost_a_label_is_loaded_to_be_compared_and_one_that_cannot_be_is_not(
    tmp_path: Path, letters: Letters
) -> None:
    registry, definition = Home(tmp_path / "home").registry, letters()
    for table in (THIRDS, AB):
        train(registry, TrainingRun(definition, table, evaluation=table, force=True))
    manifest = registry.manifest("letters", 2)
    found = compare(registry, definition, manifest, 1, THIRDS, measured={})
    assert found is not None
    assert found.metrics["accuracy"] == pytest.approx(2 / 3, abs=0.02)
    assert compare(registry, definition, replace(manifest, version=9), 1, THIRDS, measured={}) is None


PAIRS = """
name = "pairs"
task = "tabular-classification"
[[target]]
name = "a"
type = "string"
[[target]]
name = "b"
type = "string"
[features.x]
type = "number"
[features.y]
type = "number"
[limits]
minimum_training_rows = 12
"""
TREE = """
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

def build_pipeline():
    return make_pipeline(StandardScaler(), DecisionTreeClassifier(random_state=0))
"""
ALTERNATELY: Table = {
    "x": [float(x) for x in range(100)],
    "y": [float(x % 2) for x in range(100)],
    "a": ["no"] * 50 + ["yes"] * 50,
    "b": ["no", "yes"] * 50,
}


@pytest.fixture
def pairs(tmp_path: Path) -> Definition:
    """The definition of a model of two targets that are no or yes."""
    folder = tmp_path / "models" / "pairs"
    folder.mkdir(parents=True)
    (folder / "model.toml").write_text(PAIRS, encoding="utf-8")
    (folder / "pipeline.py").write_text(TREE, encoding="utf-8")
    (folder / "examples.json").write_text('[{"x": 1, "y": 0}]', encoding="utf-8")
    return load_definition(folder)


@pytest.mark.parametrize(
    ("rows_of_production", "labels", "expected"), [(100, ("no", "yes"), 100 / 110), (50, ("no",), 0.0)]
)
def test_of_two_labels_the_second_is_measured_where_a_version_knows_one_of_them(
    tmp_path: Path, pairs: Definition, rows_of_production: int, labels: tuple[str, ...], expected: float
) -> None:
    """In the new version's rows a is always yes; f1 is the mean of that of a, of yes, and that of b, which is 1."""
    registry = Home(tmp_path / "home").registry
    for chosen in (slice(rows_of_production), slice(50, None)):
        table = {name: column[chosen] for name, column in ALTERNATELY.items()}
        train(registry, TrainingRun(pairs, table, evaluation=table, force=True))
    production, manifest = registry.manifest("pairs", 1), registry.manifest("pairs", 2)
    assert (production.labels[0], manifest.labels[0]) == (labels, ("yes",))
    rows: Table = {**ALTERNATELY, "a": ["no"] * 40 + ["yes"] * 60}
    found = compare(registry, pairs, manifest, 1, rows, measured={})
    assert found is not None
    assert found.production["f1"] == pytest.approx((expected + 1) / 2)
    assert found.metrics["f1"] == pytest.approx((120 / 160 + 1) / 2)


def test_labels_in_another_order_are_compared_by_their_names(tmp_path: Path, letters: Letters) -> None:
    registry, definition = Home(tmp_path / "home").registry, letters(estimator="LinearSVC")
    train(registry, TrainingRun(definition, AB, evaluation=AB))
    manifest = registry.manifest("letters", 1)
    measured = dict(manifest.metrics)
    turned = compare(registry, definition, replace(manifest, labels=("b", "a")), 1, AB, measured=measured)
    straight = compare(registry, definition, manifest, 1, AB, measured=measured)
    assert turned is not None
    assert straight is not None
    assert turned.production["roc_auc"] == straight.production["roc_auc"] == 1.0
    assert turned.production["accuracy"] == straight.production["accuracy"]
