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
from functions.core.schema import Schema, Table
from functions.core.tasks import Scoring
from functions.predictors.by_task import GraphPredictor, open_graph_predictor
from model_export.pipelines.batches import run_in_batches
from model_export.pipelines.convert import classes, export, library_of
from model_export.pipelines.convert.parsing import DATE_PARTS
from model_export.pipelines.guessing import lost_to_guessing
from model_export.pipelines.joblib_file import pickled
from model_export.pipelines.metrics import MetricValues, Scored, measure, performance
from model_export.pipelines.parity import ParityReport, prove_parity
from model_export.pipelines.pipeline_input import pipeline_input, target_array
from model_export.pipelines.pipeline_module import build_pipeline
from model_export.processors import given_threads
from model_export.progress import Progress
from model_export.split import take_rows


@dataclass(frozen=True, slots=True)
class PipelineCandidate:
    """`files` are the artifacts by name; `labels` in the order of the estimator's `classes_`.

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
    rows, target = pipeline_input(pipeline, training, schema), target_array(training, schema)
    try:
        with given_threads():
            pipeline.fit(rows, target)
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
    labels = tuple(classes(pipeline)) if definition.is_classification else ()
    _refuse_other_labels(labels, schema)
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
        "performance.json": orjson.dumps(performance(scored, known, definition.slices)),
        "parity.json": orjson.dumps(asdict(parity)),
    }
    return PipelineCandidate(
        schema=schema,
        labels=labels,
        metrics=measure(scored),
        parity=parity,
        files=files,
        scoring=predictor.scoring or "probabilities",
        objection=lost_to_guessing(scored),
    )


def score_rows(predictor: GraphPredictor, table: Table, schema: Schema, labels: tuple[Any, ...]) -> Scored:
    """Predictions and true values of a labelled table; every label must be among `labels`.

    Raises InvalidInputError for rows without a finite prediction, which no metric takes and nothing would serve.
    """
    outputs = run_in_batches(predictor, table)
    _refuse_not_finite(outputs[-1])
    truth = table[schema.target.name]
    if not labels:
        return Scored(np.array(truth, dtype=np.float64), outputs[0].reshape(-1))
    index = {label: position for position, label in enumerate(labels)}
    return Scored(
        truth=np.array([index[label] for label in truth], dtype=np.int64),
        predicted=outputs[0],
        labels=tuple(str(label) for label in labels),
        **{str(predictor.scoring): outputs[1]},
    )


def _refuse_not_finite(numbers: Any) -> None:
    finite = np.isfinite(numbers).all(axis=tuple(range(1, numbers.ndim)))
    if not finite.all():
        reason = (
            f"the model has no finite prediction for {int((~finite).sum())} of the {len(finite)} rows that it is "
            "evaluated on: correct their extreme values, or leave these rows out"
        )
        raise InvalidInputError([Fault((), reason, "not_finite")])


def with_known_labels(table: Table, schema: Schema, labels: tuple[Any, ...]) -> Table:
    """Rows with a label that the model was trained on; for a regression, all rows."""
    truth = table[schema.target.name]
    if not labels or set(truth) <= set(labels):
        return table
    return take_rows(table, np.flatnonzero([label in labels for label in truth]))


def _refuse_other_labels(labels: tuple[Any, ...], schema: Schema) -> None:
    """Raises ConversionError for labels of other names, such as 0 and 1 where the target has no and yes."""
    own = schema.target.allowed or schema.target.levels
    if labels and own and set(labels).isdisjoint(own):
        raise ConversionError(
            f"the pipeline predicts the labels {_listed(labels)}, but {schema.target.name} is one of "
            f"{_listed(own)}: fit it on these labels"
        )


def _listed(values: Sequence[Any]) -> str:
    return ", ".join(map(str, values))


def _last_step(pipeline: Any) -> str:
    return type(pipeline.steps[-1][1] if isinstance(pipeline, Pipeline) else pipeline).__name__
