"""Metrics of a published version on rows that others are measured on too."""

from __future__ import annotations

from functions.core.definition import Definition
from functions.core.errors import DamagedVersionError, InvalidInputError, NotFoundError, UnsupportedFormatError
from functions.core.manifest import Manifest
from functions.core.registry import Registry
from functions.core.schema import Feature, Table
from functions.predictors.by_task import GraphPredictor
from functions.serving.version import LoadedVersion
from model_export.pipelines.candidate import score_rows, with_known_labels
from model_export.pipelines.metrics import MetricValues
from model_export.pipelines.target_metrics import measure_targets


def metrics_on(registry: Registry, definition: Definition, version: int, rows: Table) -> MetricValues | None:
    """The metrics of a version on labelled rows; None if it cannot be loaded, or cannot read or predict them."""
    try:
        loaded = LoadedVersion.load(registry, definition.name, version)
    except (DamagedVersionError, NotFoundError, UnsupportedFormatError):
        return None
    manifest, predictor = loaded.manifest, loaded.predictor
    if not _reads(manifest, definition) or not isinstance(predictor, GraphPredictor):
        return None
    known = with_known_labels(rows, manifest.schema, manifest.labels)
    try:
        return measure_targets(score_rows(predictor, known, manifest.schema, manifest.labels))
    except InvalidInputError:  # no finite prediction for them, where the other version has one
        return None


def _reads(manifest: Manifest, definition: Definition) -> bool:
    """Return True if a version takes rows of the current definition."""
    known = {column.name: _kind(column) for column in definition.schema.labelled}
    is_same = manifest.task == definition.task and manifest.schema.target_names == definition.schema.target_names
    return is_same and all(known.get(one.name) == _kind(one) for one in manifest.schema.labelled)


def _kind(column: Feature) -> tuple[str, str]:
    return column.tensor, column.time_zone
