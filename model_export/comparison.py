"""A new version and the one in production, measured on the same rows for the gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from functions.core.definition import Definition
from functions.core.errors import DamagedVersionError, InvalidInputError, NotFoundError, UnsupportedFormatError
from functions.core.manifest import Labels, Manifest
from functions.core.registry import Registry
from functions.core.schema import Feature, Table
from functions.predictors.by_task import GraphPredictor
from functions.serving.version import LoadedVersion
from model_export.pipelines.candidate import by_target, score_rows, with_known_labels
from model_export.pipelines.metrics import MetricValues
from model_export.pipelines.target_metrics import measure_targets


@dataclass(frozen=True, slots=True)
class SameRows:
    """Metrics of a new version and of production, by which the gate compares them.

    `unknown` are the labels of rows that the new version lacks and production has.
    """

    metrics: MetricValues
    production: MetricValues
    unknown: tuple[str, ...] = ()


def compare(
    registry: Registry,
    definition: Definition,
    version: Manifest,
    production: int,
    rows: Table,
    *,
    measured: MetricValues,
) -> SameRows | None:
    """The metrics of both on the labelled rows; None if one cannot be loaded, or cannot read or predict them.

    A row counts for both if one of them knows its label; for the other it is wrong. `measured` are the metrics of the
    new version on the rows whose label it knows.
    """
    serving = _opened(registry, definition, production)
    if serving is None:
        return None
    labels = _common_labels(version, serving.manifest)
    known = with_known_labels(rows, version.schema, labels)
    # loading a version takes time, and one that knows every label was measured on these very rows
    is_measured = labels == version.labels
    metrics = measured if is_measured else _metrics(_opened(registry, definition, version.version), known, labels)
    production_metrics = _metrics(serving, known, labels)
    if metrics is None or production_metrics is None:
        return None
    return SameRows(metrics, production_metrics, _unknown(version, known))


def metrics_on(registry: Registry, definition: Definition, version: int, rows: Table) -> MetricValues | None:
    """The metrics of a version on the labelled rows whose label it knows, which floors and ceilings are for.

    None if it cannot be loaded, or cannot read or predict them.
    """
    loaded = _opened(registry, definition, version)
    if loaded is None:
        return None
    schema, labels = loaded.manifest.schema, loaded.manifest.labels
    return _metrics(loaded, with_known_labels(rows, schema, labels), labels)


def _opened(registry: Registry, definition: Definition, version: int) -> LoadedVersion | None:
    """The version, None if it cannot be loaded, or takes other rows than those of the definition."""
    try:
        loaded = LoadedVersion.load(registry, definition.name, version)
    except (DamagedVersionError, NotFoundError, UnsupportedFormatError):
        return None
    return loaded if _reads(loaded.manifest, definition) else None


def _metrics(version: LoadedVersion | None, rows: Table, labels: Labels) -> MetricValues | None:
    if version is None or not isinstance(version.predictor, GraphPredictor):
        return None
    manifest = version.manifest
    try:
        scored = score_rows(version.predictor, rows, manifest.schema, manifest.labels, common=labels)
    except InvalidInputError:  # no finite prediction for them, where the other version has one
        return None
    return measure_targets(scored)


def _common_labels(version: Manifest, other: Manifest) -> Labels:
    """The labels of both versions; of several targets those of each."""
    if not version.labels:
        return ()
    pairs = zip(by_target(version.labels, version.schema), by_target(other.labels, other.schema), strict=True)
    each = tuple(_merged(own, others) for own, others in pairs)
    return each if version.schema.has_several_targets else each[0]


def _merged(own: tuple[Any, ...], others: tuple[Any, ...]) -> tuple[Any, ...]:
    """The labels of both, in the order of `classes_`: of two labels the metrics are those of the second."""
    for more, fewer in ((own, others), (others, own)):
        if set(fewer) <= set(more):
            return more
    # a text and a number have no order of their own
    return tuple(sorted({*own, *others}, key=lambda label: (isinstance(label, str), label)))


def _unknown(version: Manifest, rows: Table) -> tuple[str, ...]:
    pairs = zip(version.schema.target_names, by_target(version.labels, version.schema), strict=True)
    lacking = [label for name, own in pairs if own for label in set(rows[name]) - set(own)]
    return tuple(sorted(map(str, lacking)))


def _reads(manifest: Manifest, definition: Definition) -> bool:
    """Return True if a version takes rows of the current definition."""
    known = {column.name: _kind(column) for column in definition.schema.labelled}
    is_same = manifest.task == definition.task and manifest.schema.target_names == definition.schema.target_names
    return is_same and all(known.get(one.name) == _kind(one) for one in manifest.schema.labelled)


def _kind(column: Feature) -> tuple[str, str]:
    return column.tensor, column.time_zone
