"""The metrics of two published versions on the same rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from functions.core.definition import Definition
from functions.core.schema import Table
from functions.local.home import Home
from functions.serving.version import LoadedVersion
from model_export.comparison import SameRows, compare
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
    found = compare(home.registry, definitions["churn"], loaded.manifest, 1, rows)
    assert found == SameRows(expected, expected)
    measured = {"accuracy": 0.5}
    found = compare(home.registry, definitions["churn"], loaded.manifest, 1, rows, measured=measured)
    assert found == SameRows(measured, expected)


def test_with_a_version_that_is_missing_or_damaged_nothing_is_compared(
    home: Home, definitions: Mapping[str, Definition], rows: Table
) -> None:
    manifest = home.registry.manifest("churn", 1)
    assert compare(home.registry, definitions["churn"], manifest, 9, rows) is None
    assert compare(home.registry, definitions["churn"], replace(manifest, version=9), 1, rows) is None
    home.registry.storage.write("models/churn/versions/1/model.onnx", b"other")
    assert compare(home.registry, definitions["churn"], manifest, 1, rows) is None


def test_with_a_version_of_other_columns_nothing_is_compared(
    home: Home, definitions: Mapping[str, Definition], rows: Table
) -> None:
    schema = definitions["churn"].schema
    other = replace(definitions["churn"], schema=replace(schema, features=schema.features[1:]))
    assert compare(home.registry, other, home.registry.manifest("churn", 1), 1, rows) is None


@pytest.mark.parametrize("estimator", ["LogisticRegression", "LinearSVC"])
def test_rows_of_a_label_that_only_one_version_knows_are_wrong_for_the_other(
    tmp_path: Path, letters: Letters, estimator: str
) -> None:
    """Of three labels each version knows two; of a fourth, which neither knows, no row counts for either."""
    registry, definition = Home(tmp_path / "home").registry, letters(estimator=estimator)
    for table in (AB, BC):
        train(registry, TrainingRun(definition, table, evaluation=table, force=True))
    rows: Table = {"x": [*THIRDS["x"], 7.0], "letter": [*THIRDS["letter"], "d"]}
    found = compare(registry, definition, registry.manifest("letters", 2), 1, rows)
    assert found is not None
    assert found.metrics["accuracy"] == pytest.approx(2 / 3, abs=0.02)
    assert found.production["accuracy"] == pytest.approx(2 / 3, abs=0.02)
    # 1 for one of its labels, 0.5 for the one that it lacks, and in between for the one in the middle
    assert 0.5 < found.metrics["roc_auc"] < 0.9
    assert 0.5 < found.production["roc_auc"] < 0.9
    assert found.unknown == ("a",)


def test_labels_in_another_order_are_compared_by_their_names(tmp_path: Path, letters: Letters) -> None:
    registry, definition = Home(tmp_path / "home").registry, letters(estimator="LinearSVC")
    train(registry, TrainingRun(definition, AB, evaluation=AB))
    manifest = registry.manifest("letters", 1)
    turned = compare(registry, definition, replace(manifest, labels=("b", "a")), 1, AB)
    straight = compare(registry, definition, manifest, 1, AB)
    assert turned is not None
    assert straight is not None
    assert turned.metrics["roc_auc"] == turned.production["roc_auc"] == straight.production["roc_auc"] == 1.0
    assert turned.production["accuracy"] == straight.production["accuracy"]
