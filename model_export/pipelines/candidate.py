"""A version in the making: fit, converted, proven equal and measured, not yet in the registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import orjson
from sklearn.base import is_classifier
from sklearn.pipeline import Pipeline

from functions.core.definition import Definition
from functions.core.errors import ConversionError, DefinitionError, Fault, InvalidInputError
from functions.core.schema import Feature, Schema, Table
from functions.core.tasks import Scoring
from functions.predictors.by_task import GraphPredictor, open_graph_predictor
from functions.predictors.several_targets import divided
from model_export.pipelines.batches import run_in_batches
from model_export.pipelines.convert import export, library_of, target_classes, target_count
from model_export.pipelines.convert.parsing import DATE_PARTS
from model_export.pipelines.fitting import fit_on_table
from model_export.pipelines.joblib_file import pickled
from model_export.pipelines.metrics import MetricValues, Scored
from model_export.pipelines.parity import ParityReport, prove_parity
from model_export.pipelines.pipeline_input import typed_label
from model_export.pipelines.pipeline_module import build_pipeline
from model_export.pipelines.target_metrics import ScoredTargets, lost_targets, measure_targets, target_performance
from model_export.processors import given_threads
from model_export.progress import Progress
from model_export.split import take_rows


@dataclass(frozen=True, slots=True)
class PipelineCandidate:
    """`files` are the artifacts by name; `labels` in the order of `classes_`, of several targets a tuple for each.

    `scoring` means nothing for a regression. `objection` says in words that it is no better than guessing on the
    evaluation rows; it is empty for a better one.
    """

    schema: Schema
    labels: tuple[Any, ...]
    metrics: MetricValues
    parity: ParityReport
    files: Mapping[str, bytes]
    scoring: Scoring = "probabilities"
    objection: str = ""


def fit_candidate(definition: Definition, training: Table, evaluation: Table, progress: Progress) -> PipelineCandidate:
    """Fit the definition's pipeline and turn it into a candidate.

    Raises InvalidInputError for rows on which the pipeline cannot be fitted; DefinitionError, ConversionError,
    ParityError.
    """
    schema = definition.schema.learn(training)
    progress("fit", 0.1)
    pipeline = build_pipeline(definition, definition.args)
    try:
        with given_threads():
            fit_on_table(pipeline, training, schema)
    except Exception as error:
        # Not an accident: the same rows and arguments would fail again. Boosters have errors of their own.
        if not isinstance(error, ValueError | TypeError) and library_of(error) is None:
            raise
        reason = (
            f"the pipeline of {definition.name} cannot be fitted on these rows with {dict(definition.args)}: {error}"
            f"{_dates_hint(error, schema)}"
        )
        if isinstance(error, TypeError):  # as InvalidParameterError of scikit-learn is: the arguments or the code
            raise DefinitionError(reason) from error
        raise InvalidInputError([Fault((), reason, "not_fitted")]) from error
    return prove_pipeline(definition, pipeline, schema, evaluation, progress)


def _dates_hint(error: Exception, schema: Schema) -> str:
    """The remedy for dates that reach a step of numbers: numpy and scikit-learn name their type."""
    if not schema.datetime_names or "datetime64" not in str(error).lower():
        return ""
    return f"; put {DATE_PARTS} over {', '.join(schema.datetime_names)}, which makes numbers of dates"


def prove_pipeline(
    definition: Definition,
    pipeline: Any,
    schema: Schema,
    evaluation: Table,
    progress: Progress,
    *,
    proof: Table | None = None,
) -> PipelineCandidate:
    """Turn a fitted pipeline into a candidate that is measured on `evaluation`, and proven on `proof` or there too.

    Raises ConversionError, ParityError.
    """
    if is_classifier(pipeline) != definition.is_classification:
        raise ConversionError(f"the task is {definition.task}, but the pipeline ends in {_last_step(pipeline)}")
    progress("export", 0.6)
    served = export(definition.task, pipeline, schema)
    _refuse_other_count(pipeline, schema)
    labels = labels_of(pipeline, schema) if definition.is_classification else ()
    for target, own in zip(schema.targets, by_target(labels, schema), strict=True):
        _refuse_other_labels(own, target)
    predictor = open_graph_predictor(definition.task, served, schema, labels)
    progress("parity", 0.7)
    parity = prove_parity(
        pipeline, predictor, schema, proof or evaluation, is_classification=definition.is_classification
    )
    progress("evaluate", 0.8)
    # A rare label may be in the evaluation rows alone: no prediction of it could be right, and no metric takes it.
    known = with_known_labels(evaluation, schema, labels)
    scored = score_rows(predictor, known, schema, labels)
    files = {
        **served,
        "model.joblib": pickled(pipeline),
        "performance.json": orjson.dumps(target_performance(scored, known, definition.slices)),
        "parity.json": orjson.dumps(asdict(parity)),
    }
    return PipelineCandidate(
        schema=schema,
        labels=labels,
        metrics=measure_targets(scored),
        parity=parity,
        files=files,
        scoring=predictor.scoring or "probabilities",
        objection=lost_targets(scored),
    )


def labels_of(pipeline: Any, schema: Schema) -> tuple[Any, ...]:
    """The labels of a fitted classifier in the order of its graph; of several targets those of each, in its type."""
    each = target_classes(pipeline)
    if not schema.has_several_targets:
        return tuple(each[0])
    return tuple(
        tuple(typed_label(label, target) for label in own) for target, own in zip(schema.targets, each, strict=True)
    )


def by_target(labels: tuple[Any, ...], schema: Schema) -> tuple[tuple[Any, ...], ...]:
    """The labels of each target of the schema; empty ones of a regression."""
    if not labels:
        return ((),) * len(schema.targets)
    return labels if schema.has_several_targets else (labels,)


def score_rows(
    predictor: GraphPredictor,
    table: Table,
    schema: Schema,
    labels: tuple[Any, ...],
    *,
    common: tuple[Any, ...] | None = None,
) -> ScoredTargets:
    """Predictions and true values of a labelled table by target; every label of the table must be among `labels`.

    Versions that are compared have `common` labels, to which all of their own belong: the label of a row must be among
    these then, and the ones that a version lacks are scored as if it gave them no chance. Raises InvalidInputError for
    rows without a finite prediction, which no metric takes and nothing would serve.
    """
    outputs = run_in_batches(predictor, table)
    _refuse_not_finite(outputs[-1])
    truth = [table[name] for name in schema.target_names]
    chosen = outputs[0].reshape(-1, len(truth))
    if not labels:
        pairs = zip(truth, chosen.T, strict=True)
        scored = [Scored(np.array(values, dtype=np.float64), found) for values, found in pairs]
    else:
        scoring, own = predictor.scoring or "probabilities", by_target(labels, schema)
        every = own if common is None else by_target(common, schema)
        parts = divided(chosen, outputs[1], list(map(len, own)), scoring)
        scored = [_scored_labels(*of_one, scoring) for of_one in zip(truth, own, every, parts, strict=True)]
    return dict(zip(schema.target_names, scored, strict=True))


def _scored_labels(
    truth: Sequence[Any], own: tuple[Any, ...], labels: tuple[Any, ...], part: tuple[Any, Any], scoring: Scoring
) -> Scored:
    predicted, numbers = part
    index = {label: position for position, label in enumerate(labels)}
    if labels != own:
        places = np.array([index[label] for label in own], dtype=np.int64)
        predicted, numbers = places[predicted], _widened(numbers, places, len(labels), scoring)
    return Scored(
        truth=np.array([index[label] for label in truth], dtype=np.int64),
        predicted=predicted,
        labels=tuple(str(label) for label in labels),
        **{str(scoring): numbers},
    )


def _widened(numbers: Any, places: Any, count: int, scoring: Scoring) -> Any:
    """The numbers with a column for each of `count` labels, zeros for those that are not at one of the `places`."""
    if scoring == "decision" and len(places) == 2:  # one number, of the second label against the first
        numbers = np.hstack([-numbers, numbers])
    wide = np.zeros((len(numbers), count))
    wide[:, places] = numbers
    return wide[:, 1:] - wide[:, :1] if scoring == "decision" and count == 2 else wide


def _refuse_not_finite(numbers: Any) -> None:
    finite = np.isfinite(numbers).all(axis=tuple(range(1, numbers.ndim)))
    if not finite.all():
        reason = (
            f"the model has no finite prediction for {int((~finite).sum())} of the {len(finite)} rows that it is "
            "evaluated on: correct their extreme values, or leave these rows out"
        )
        raise InvalidInputError([Fault((), reason, "not_finite")])


def with_known_labels(table: Table, schema: Schema, labels: tuple[Any, ...]) -> Table:
    """Rows with labels that the model was trained on, of every target; for a regression, all rows."""
    for name, own in zip(schema.target_names, by_target(labels, schema), strict=True):
        if own and not set(table[name]) <= set(own):
            table = take_rows(table, np.flatnonzero([label in own for label in table[name]]))
    return table


def _refuse_other_count(pipeline: Any, schema: Schema) -> None:
    """Raises ConversionError for a pipeline that predicts more or fewer targets than the model has."""
    found, wanted = target_count(pipeline), len(schema.targets)
    if found != wanted:
        raise ConversionError(
            f"the pipeline predicts {found} {'target' if found == 1 else 'targets'}, and the model has {wanted}, "
            f"{_listed(schema.target_names)}: name as many targets as it was fitted on, in the order of their columns"
        )


def _refuse_other_labels(labels: tuple[Any, ...], target: Feature) -> None:
    """Raises ConversionError for labels of other names, such as 0 and 1 where the target has no and yes."""
    own = target.allowed or target.levels
    if labels and own and set(labels).isdisjoint(own):
        raise ConversionError(
            f"the pipeline predicts the labels {_listed(labels)}, but {target.name} is one of "
            f"{_listed(own)}: fit it on these labels"
        )


def _listed(values: Sequence[Any]) -> str:
    return ", ".join(map(str, values))


def _last_step(pipeline: Any) -> str:
    return type(pipeline.steps[-1][1] if isinstance(pipeline, Pipeline) else pipeline).__name__
