"""Predictors by task, and by the kind of model that a version holds.

Those of one task are imported when one is opened: a function serves one model, and starts without the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from functions.core.definition import Limits
from functions.core.errors import DamagedVersionError
from functions.core.schema import Schema, Table
from functions.core.tasks import (
    ANSWERING,
    GRAPH,
    LABELLING,
    TEXT_COLUMNS,
    TOKENIZER,
    VECTORIZER,
    ModelKind,
    Scoring,
    Task,
)
from functions.predictors.predictions import Prediction

if TYPE_CHECKING:
    import numpy.typing as npt

    from functions.predictors.question_answering.predictor import QuestionAnsweringPredictor
    from functions.predictors.tabular import TabularPredictor
    from functions.predictors.text.transformer import TransformerPredictor

DEFAULT_LIMITS = Limits()


class Predictor(Protocol):
    """A model in memory that predicts for a validated table; every task has one."""

    def predict(self, table: Table) -> Sequence[Prediction]:
        """One prediction for each row, in order.

        Raises InvalidInputError for rows without a finite prediction or with texts that cannot be read; TooLargeError.
        """
        ...


@runtime_checkable
class GraphPredictor(Predictor, Protocol):
    """A predictor whose graph gives a row of numbers for each row of a table; `scoring` is None for a regression."""

    @property
    def scoring(self) -> Scoring | None: ...

    def run(self, table: Table) -> list[npt.NDArray[Any]]:
        """`label` (int64 [N]) and `probabilities` (float64 [N, labels]) or `decision`, or `variable` (float64 [N]).

        A decision is float64 [N, labels], or [N, 1] for two labels. Several targets are side by side, in their order:
        `label` and `variable` are [N, targets] then.
        """
        ...


ServedFiles = Mapping[str, bytes]
"""The files of a version that predicting reads, by name."""
PipelineOpener = Callable[[ServedFiles, Schema, Sequence[object]], GraphPredictor]
CheckpointOpener = Callable[[ServedFiles, Schema, Sequence[object], Limits], Predictor]


def _tabular(files: ServedFiles, schema: Schema, labels: Sequence[object]) -> TabularPredictor:
    from functions.predictors.tabular import TabularPredictor

    kind: type[TabularPredictor] = TabularPredictor
    if schema.has_several_targets:
        from functions.predictors.several_targets import SeveralTargetsPredictor

        kind = SeveralTargetsPredictor
    if TEXT_COLUMNS not in files:
        return kind(files[GRAPH], schema, labels)
    from functions.predictors.text.columns import TextColumns

    return kind(files[GRAPH], schema, labels, TextColumns(files[TEXT_COLUMNS]))


def _text(files: ServedFiles, schema: Schema, labels: Sequence[object]) -> GraphPredictor:
    """The sparse predictor of a linear model, or the one of tables where the model is of another kind."""
    if VECTORIZER not in files and TEXT_COLUMNS not in files:
        raise DamagedVersionError(f"the version has neither {VECTORIZER} nor {TEXT_COLUMNS}")
    if TEXT_COLUMNS in files:
        return _tabular(files, schema, labels)
    from functions.predictors.text.predictor import TextPredictor

    return TextPredictor(files[GRAPH], files[VECTORIZER], schema, labels)


def _question_answering(
    files: ServedFiles, schema: Schema, labels: Sequence[object], limits: Limits
) -> QuestionAnsweringPredictor:
    from functions.predictors.question_answering.predictor import QuestionAnsweringPredictor

    return QuestionAnsweringPredictor(files[GRAPH], files[TOKENIZER], files[ANSWERING], limits)


def _text_of_checkpoint(
    files: ServedFiles, schema: Schema, labels: Sequence[object], limits: Limits
) -> TransformerPredictor:
    from functions.predictors.text.transformer import TransformerPredictor

    return TransformerPredictor(files[GRAPH], files[TOKENIZER], files[LABELLING], schema, labels, limits)


PIPELINE_OPENERS: Mapping[Task, PipelineOpener] = {
    "tabular-classification": _tabular,
    "tabular-regression": _tabular,
    "text-classification": _text,
}
CHECKPOINT_OPENERS: Mapping[Task, CheckpointOpener] = {
    "question-answering": _question_answering,
    "text-classification": _text_of_checkpoint,
}


def open_predictor(
    task: Task,
    kind: ModelKind,
    files: ServedFiles,
    schema: Schema,
    labels: Sequence[object],
    limits: Limits = DEFAULT_LIMITS,
) -> Predictor:
    """Open the predictor of a version; raises DamagedVersionError if its files cannot be opened."""
    openers: Mapping[Task, Any] = PIPELINE_OPENERS if kind == "pipeline" else CHECKPOINT_OPENERS
    if task not in openers:  # a manifest of a newer Despliegue may name what this one cannot serve
        raise DamagedVersionError(f"this Despliegue serves no {task} of a {kind}: install a newer one")
    if kind == "pipeline":
        return open_graph_predictor(task, files, schema, labels)
    return CHECKPOINT_OPENERS[task](files, schema, labels, limits)


def open_graph_predictor(task: Task, files: ServedFiles, schema: Schema, labels: Sequence[object]) -> GraphPredictor:
    """Open the predictor of a pipeline; raises DamagedVersionError if its files cannot be opened."""
    return PIPELINE_OPENERS[task](files, schema, labels)
