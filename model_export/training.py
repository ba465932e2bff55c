"""Training from rows to production: the one path for HTTP, uploads and the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from functions.core import training_data
from functions.core.clock import now
from functions.core.definition import Definition
from functions.core.errors import (
    ConflictError,
    Fault,
    InvalidInputError,
    PreconditionFailedError,
)
from functions.core.jobs import Result
from functions.core.manifest import Manifest, Mode, TrainingData
from functions.core.registry import PROMOTION_ATTEMPTS, Pointer, Registry
from functions.core.row_ids import Ids, RowIds, joined, store_ids, stored_ids
from functions.core.schema import Feature, Schema, Table, row_count
from functions.core.verdicts import Verdict, record_verdict
from functions.serving.promotion import UnservableError, require_servable
from model_export.comparison import SameRows, compare
from model_export.gate import PASSED, objections
from model_export.pipelines.candidate import fit_candidate
from model_export.progress import Progress
from model_export.publishing import publish_candidate
from model_export.split import split_rows, take_rows


class SupersededError(ConflictError):
    """Refusal of rows that are older than the data of the version in production."""


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """A request to train; `claimed` is the version that a crashed run of the same job had claimed.

    `on_claim` is called with a new claim before anything is published under it. `progress` is called with "promote"
    after production was read and before it is changed. An exception of either ends the run at that point. With rows
    for `evaluation` the whole `table` is trained on; else the definition's split sets some rows aside. `ids` has the id
    of each row of the table, if its file has such a column.
    """

    definition: Definition
    table: Table
    mode: Mode = "replace"
    force: bool = False
    actor: str = "local"
    data_time: str = ""
    claimed: int | None = None
    on_claim: Callable[[int], None] = lambda version: None
    progress: Progress = lambda stage, fraction: None
    evaluation: Table | None = None
    ids: Ids | None = None


@dataclass(frozen=True, slots=True)
class _Prepared:
    table: Table
    digest: str
    training: Table
    evaluation: Table


def train(registry: Registry, run: TrainingRun) -> Result:
    """Fit, prove and publish a version, and promote it if the gate passes and it serves.

    It can be run again after a crash at any point: production changes last, by compare-and-swap.
    Raises InvalidInputError (the rows), SupersededError, ParityError, ConversionError, DefinitionError.
    """
    # Asked before the work, and again before the promotion, because production may change meanwhile.
    _refuse_old_data(registry.promotable(run.definition.name), run)
    run.progress("validate", 0.05)
    prepared = _prepare(registry, run)
    manifest = _published(registry, run) or _publish(registry, run, prepared)
    return _promote(registry, run, manifest, prepared)


def _prepare(registry: Registry, run: TrainingRun) -> _Prepared:
    definition = run.definition
    table, extended = _extended(registry, run) if run.mode == "extend" else (run.table, None)
    training_data.require_enough_rows(row_count(table), definition.limits.minimum_training_rows)
    training, evaluation = _sides(run, table)
    # The rows are stored before anything is fitted, so that no version refers to rows that are not there.
    prepared = _Prepared(table, training_data.store(registry.storage, table), training, evaluation)
    _store_ids(registry, run, prepared, extended)
    if definition.is_classification:
        _refuse_single_class(prepared.training, definition)
    return prepared


def _sides(run: TrainingRun, table: Table) -> tuple[Table, Table]:
    if run.evaluation is not None:
        return table, run.evaluation
    training, evaluation = split_rows(table, run.definition.schema, run.definition.split)
    return take_rows(table, training), take_rows(table, evaluation)


def _store_ids(registry: Registry, run: TrainingRun, prepared: _Prepared, extended: str | None) -> None:
    """Store the ids of the rows, if any is known; `extended` is the digest of the table that was extended."""
    before = stored_ids(registry.storage, extended) if extended else ()
    rows = row_count(run.table)
    unknown = RowIds(run.definition.name, prepared.digest, (None,) * (row_count(prepared.table) - rows))
    store_ids(registry.storage, prepared.digest, joined(before, run.ids, unknown, rows))


def _extended(registry: Registry, run: TrainingRun) -> tuple[Table, str | None]:
    """The rows of the version in production, followed by the new ones; and the digest of the former, if any."""
    name = run.definition.name
    production = registry.promotable(name).production
    manifest = registry.manifest(name, production.version) if production else None
    if manifest is None or manifest.data is None:
        return run.table, None
    schema = manifest.schema
    digest = training_data.current(registry.storage, manifest.data.digest)
    before = training_data.load(registry.storage, digest, schema.datetime_names)
    lacking = sorted(run.table.keys() - before.keys())
    others = _other_types(schema, run.definition.schema)
    if lacking or others:
        what = f"have no {', '.join(lacking)}" if lacking else f"have another type or time zone of {', '.join(others)}"
        fault = f"production's rows {what}, so they cannot be extended: use mode=replace"
        raise InvalidInputError([Fault((), fault, "not_extendable")])
    return {column: [*before[column], *values] for column, values in run.table.items()}, digest


def _other_types(production: Schema, current: Schema) -> list[str]:
    """The columns of both that have another type or time zone here than there; whole numbers are numbers too."""
    before = {column.name: column for column in production.labelled}
    return [one.name for one in current.labelled if not _extends(before.get(one.name, one), one)]


def _extends(before: Feature, column: Feature) -> bool:
    """True if the values of a column as it was are values of the column as it is."""
    is_wider = (before.type, column.type) == ("integer", "number")
    return (is_wider or before.type == column.type) and before.time_zone == column.time_zone


def _published(registry: Registry, run: TrainingRun) -> Manifest | None:
    """The version that an earlier attempt of this run published before it died, None if it published none."""
    name = run.definition.name
    if run.claimed is None or not registry.is_published(name, run.claimed):
        return None
    return registry.manifest(name, run.claimed)


def _publish(registry: Registry, run: TrainingRun, prepared: _Prepared) -> Manifest:
    candidate = fit_candidate(run.definition, prepared.training, prepared.evaluation, run.progress)
    data = TrainingData(
        digest=prepared.digest,
        time=run.data_time or now(),
        rows_training=row_count(prepared.training),
        rows_evaluation=row_count(prepared.evaluation),
        mode=run.mode,
    )
    run.progress("publish", 0.9)
    return publish_candidate(registry, run.definition, candidate, data, claimed=run.claimed, on_claim=run.on_claim)


def _promote(registry: Registry, run: TrainingRun, manifest: Manifest, prepared: _Prepared) -> Result:
    for _ in range(PROMOTION_ATTEMPTS):
        pointer = registry.promotable(manifest.model)
        # If another worker took the job over after this read, progress() raises or the swap below fails.
        run.progress("promote", 0.95)
        if pointer.production is not None and _serves(pointer, manifest.version):
            # an earlier attempt died after promoting
            reason = pointer.production.reason or "in production"
            return _decided(registry, run, manifest, None, promoted=True, reason=reason)
        _refuse_old(registry, run, manifest, pointer)
        compared = _compared(registry, run, manifest, pointer, prepared.evaluation)
        reasons = _objections(registry, run, manifest, pointer, compared)
        if reasons:
            return _decided(registry, run, manifest, compared, promoted=False, reason="; ".join(reasons))
        reason = "forced past the gate" if run.force else PASSED
        try:
            registry.promote(manifest.model, manifest.version, actor=run.actor, expected=pointer, reason=reason)
        except PreconditionFailedError:
            continue  # production changed meanwhile: ask the gate again
        return _decided(registry, run, manifest, compared, promoted=True, reason=reason)
    raise ConflictError(f"production of {manifest.model} changed {PROMOTION_ATTEMPTS} times meanwhile: try again")


def _refuse_old(registry: Registry, run: TrainingRun, manifest: Manifest, pointer: Pointer) -> None:
    """Raise SupersededError where newer data came into production meanwhile, and keep it as the verdict."""
    try:
        _refuse_old_data(pointer, run)
    except SupersededError as error:
        _decided(registry, run, manifest, None, promoted=False, reason=str(error))
        raise


def _objections(
    registry: Registry, run: TrainingRun, manifest: Manifest, pointer: Pointer, compared: SameRows | None
) -> list[str]:
    """Reasons not to promote the version; `force` overrules the gate, but no pin and no version that cannot serve."""
    if pointer.production is not None and pointer.production.pinned:
        return [f"version {pointer.production.version} is pinned in production"]
    # The version is opened only if the gate lets it pass, because that loads the whole model.
    flatters = _may_know_all_rows(registry, manifest.model, pointer)
    gate = run.definition.gate
    reasons = [] if run.force else objections(gate, manifest.metrics, compared, flatters=flatters)
    return reasons or _faults(registry, manifest)


def _may_know_all_rows(registry: Registry, model: str, pointer: Pointer) -> bool:
    """True for a version in production that was fitted elsewhere, perhaps on the rows that are set aside here."""
    serving = registry.readable(model, pointer.production.version) if pointer.production else None
    return serving is not None and serving.metrics_in_sample


def _faults(registry: Registry, manifest: Manifest) -> list[str]:
    """The reason why the version cannot serve, if it cannot."""
    try:
        require_servable(registry, manifest.model, manifest.version)
    except UnservableError as error:
        return [str(error)]
    return []


def _serves(pointer: Pointer, version: int) -> bool:
    return pointer.is_whole and pointer.production is not None and pointer.production.version == version


def _decided(
    registry: Registry,
    run: TrainingRun,
    manifest: Manifest,
    compared: SameRows | None,
    *,
    promoted: bool,
    reason: str,
) -> Result:
    """Keep the verdict on the version, and return it with the metrics: of both on the same rows if it was compared."""
    production_metrics = compared.production if compared else None
    # Only versions that were made elsewhere have no data, and no run of a training ever claims one of them.
    assert manifest.data is not None  # noqa: S101
    verdict = Verdict(promoted, reason, run.actor, production_metrics)
    record_verdict(registry.storage, manifest.model, manifest.version, verdict)
    return Result(
        version=manifest.version,
        promoted=promoted,
        reason=reason,
        metrics=compared.metrics if compared else manifest.metrics,
        production_metrics=production_metrics,
        rows={"training": manifest.data.rows_training, "evaluation": manifest.data.rows_evaluation},
    )


def _compared(
    registry: Registry, run: TrainingRun, manifest: Manifest, pointer: Pointer, evaluation: Table
) -> SameRows | None:
    """The version and production on the same rows; None if there is no production, or it cannot be measured on them."""
    if pointer.production is None:
        return None
    production = pointer.production.version
    return compare(registry, run.definition, manifest, production, evaluation, measured=dict(manifest.metrics))


def _refuse_old_data(pointer: Pointer, run: TrainingRun) -> None:
    production = pointer.production
    if production is not None and run.data_time and run.data_time < production.data_time:
        raise SupersededError(
            f"production's data is of {production.data_time}, newer than these rows of {run.data_time}: "
            "send them again by POST .../retrain"
        )


def _refuse_single_class(training: Table, definition: Definition) -> None:
    classes = {target: set(training[target]) for target in definition.schema.target_names}
    # one of several targets may be the same in all rows, where the estimator takes that
    if all(len(values) < 2 for values in classes.values()):
        raise InvalidInputError(
            [
                Fault(
                    (target,),
                    f"all training rows have {values.pop()!r}: a classifier needs at least two classes",
                    "single_class",
                )
                for target, values in classes.items()
            ]
        )
