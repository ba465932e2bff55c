"""The gate of a deployment: a version of the checkout against the one in production."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from functions.core import training_data
from functions.core.definition import Definition, Gate
from functions.core.errors import (
    ConflictError,
    DamagedVersionError,
    InvalidInputError,
    PreconditionFailedError,
)
from functions.core.history import Production
from functions.core.manifest import Manifest
from functions.core.registry import PROMOTION_ATTEMPTS, Registry
from functions.core.schema import Table, row_count
from functions.core.verdicts import Verdict, read_verdict, record_verdict
from functions.core.version_folder import ACTOR
from functions.serving.promotion import OTHER_SERVES, UnservableError, require_servable
from model_export.comparison import SameRows, compare, metrics_on
from model_export.gate import PASSED, objections
from model_export.pipelines.metrics import MetricValues
from model_export.split import split_rows, take_rows

ON_RECORD = "by the metrics on record, each on rows of its own"


@dataclass(frozen=True, slots=True)
class _Evidence:
    """The metrics of the version, and of both, None if production has none; in words what they were measured on.

    `metrics`, which floors and ceilings are for, are of the rows whose label the version knows, as in a training.
    """

    metrics: Mapping[str, float]
    compared: SameRows | None
    source: str


def promote_through_gate(registry: Registry, definition: Definition, manifest: Manifest) -> None:
    """Promote an imported version in place of another if the gate of the checkout lets it pass; the verdict is kept.

    A version that was judged or served before is left as it is: each deployment imports it again.
    Raises ConflictError after many lost races.
    """
    if not _is_open(registry, manifest):
        return
    for _ in range(PROMOTION_ATTEMPTS):
        pointer = registry.promotable(manifest.model)
        if pointer.production is None:
            return
        evidence = _evidence(registry, definition, manifest, pointer.production)
        reasons = list(_objections(registry, definition.gate, manifest, pointer.production, evidence))
        promoted = not reasons
        reason = f"{'; '.join(reasons) or PASSED} ({evidence.source})"
        if promoted:
            try:
                registry.promote(manifest.model, manifest.version, actor=ACTOR, expected=pointer, reason=reason)
            except PreconditionFailedError:
                continue  # production changed meanwhile: ask the gate again
        production_metrics = evidence.compared.production if evidence.compared else None
        verdict = Verdict(promoted, reason, ACTOR, production_metrics)
        record_verdict(registry.storage, manifest.model, manifest.version, verdict)
        return
    raise ConflictError(f"production of {manifest.model} changed {PROMOTION_ATTEMPTS} times meanwhile: deploy again")


def _is_open(registry: Registry, manifest: Manifest) -> bool:
    """True for a version that was imported while another served, and that nothing has judged or promoted since."""
    verdict = read_verdict(registry.storage, manifest.model, manifest.version)
    if verdict is None or verdict.reason != OTHER_SERVES:
        return False
    return all(promotion.version != manifest.version for promotion in registry.history(manifest.model))


def _objections(
    registry: Registry, gate: Gate, manifest: Manifest, production: Production, evidence: _Evidence
) -> Iterator[str]:
    if production.pinned:
        yield f"version {production.version} is pinned in production"
        return
    if gate == Gate():
        yield "its model.toml has no [gate] to judge it by"
        return
    if evidence.source == ON_RECORD and manifest.metrics_in_sample:
        yield "its metrics are of rows that it may have been fitted on, and there are no others to measure it on"
        return
    reasons = objections(gate, evidence.metrics, evidence.compared)
    yield from reasons
    if reasons:
        return
    try:
        require_servable(registry, manifest.model, manifest.version)
    except UnservableError as error:
        yield str(error)


def _evidence(registry: Registry, definition: Definition, manifest: Manifest, production: Production) -> _Evidence:
    """The metrics of both on the same rows, where there are such rows; else those on record."""
    serving = registry.readable(manifest.model, production.version)
    # rows that neither was fitted on: those that its own training set aside, else those that production's did
    others = [] if manifest.metrics_in_sample or serving is None else [serving]
    for source in (manifest, *others):
        rows = _set_aside(registry, definition, source)
        measured = None if rows is None else _measured(registry, definition, manifest, production.version, rows)
        if rows is not None and measured is not None:
            counted = f"both measured on the {row_count(rows)} rows that version {source.version} was evaluated on"
            return _Evidence(*measured, counted)
    on_record = SameRows(dict(manifest.metrics), dict(serving.metrics)) if serving else None
    return _Evidence(manifest.metrics, on_record, ON_RECORD)


def _measured(
    registry: Registry, definition: Definition, manifest: Manifest, production: int, rows: Table
) -> tuple[MetricValues, SameRows] | None:
    """The metrics of the version, and of both, on the rows; None if one of the two cannot be measured on them."""
    metrics = metrics_on(registry, definition, manifest.version, rows)
    if metrics is None:
        return None
    compared = compare(registry, definition, manifest, production, rows, measured=metrics)
    return None if compared is None else (metrics, compared)


def _set_aside(registry: Registry, definition: Definition, source: Manifest) -> Table | None:
    """The rows that the training of a version evaluated on; None if they cannot be told from the others."""
    data = source.data
    if data is None:
        return None
    try:
        table = training_data.load(registry.storage, data.digest, source.schema.datetime_names)
        _, evaluation = split_rows(table, definition.schema, definition.split)
    except (DamagedVersionError, InvalidInputError, KeyError):  # removed, or of other columns
        return None
    # other rows were set aside by another split, or came in a file of their own
    return take_rows(table, evaluation) if len(evaluation) == data.rows_evaluation else None
