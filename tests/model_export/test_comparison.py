"""The metrics of a published version on given rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from functions.core.definition import Definition
from functions.core.schema import Table
from functions.local.home import Home
from functions.serving.version import LoadedVersion
from model_export.comparison import metrics_on
from model_export.pipelines.candidate import score_rows
from model_export.pipelines.target_metrics import measure_targets


@pytest.fixture
def rows(labelled: Callable[[str], list[dict[str, Any]]]) -> Table:
    found = labelled("churn")[:300]
    return {name: [row[name] for row in found] for name in found[0]}


def test_a_version_is_measured_by_its_graph(home: Home, definitions: Mapping[str, Definition], rows: Table) -> None:
    loaded = LoadedVersion.load(home.registry, "churn", 1)
    expected = measure_targets(score_rows(loaded.predictor, rows, loaded.manifest.schema, loaded.manifest.labels))
    assert metrics_on(home.registry, definitions["churn"], 1, rows) == expected


def test_a_version_that_is_missing_or_damaged_has_none(
    home: Home, definitions: Mapping[str, Definition], rows: Table
) -> None:
    assert metrics_on(home.registry, definitions["churn"], 9, rows) is None
    home.registry.storage.write("models/churn/versions/1/model.onnx", b"other")
    assert metrics_on(home.registry, definitions["churn"], 1, rows) is None


def test_a_version_of_other_columns_has_none(home: Home, definitions: Mapping[str, Definition], rows: Table) -> None:
    schema = definitions["churn"].schema
    other = replace(definitions["churn"], schema=replace(schema, features=schema.features[1:]))
    assert metrics_on(home.registry, other, 1, rows) is None
