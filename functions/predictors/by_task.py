"""Which predictor serves a version: by its task, and by the kind of model that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy.typing as npt

from functions.core.definition import Limits
from functions.core.errors import DamagedVersionError
from functions.core.schema import Schema, Table
from functions.core.tasks import ANSWERING, GRAPH, TOKENIZER, VECTORIZER, ModelKind, Task
from functions.predictors.predictions import Prediction
from functions.predictors.question_answering.predictor import QuestionAnsweringPredictor
from functions.predictors.tabular import TabularPredictor
from functions.predictors.text.predictor import TextPredictor

DEFAULT_LIMITS = Limits()


class Predictor(Protocol):
    """What every task's predictor does with a validated table."""

    def predict(self, table: Table) -> list[Prediction]:
        """One prediction for each row, in order.

        Raises InvalidInputError for rows without a finite one, or with texts that cannot be read; TooLargeError.
        """
        ...


@runtime_checkable
class GraphPredictor(Predictor, Protocol):
    """A predictor whose graph gives a row of numbers for each row of a table."""

    def run(self, table: Table) -> list[npt.NDArray[Any]]:
        """`label` (int64 [N]) and `probabilities` (float64 [N, labels]), or `variable` (float64 [N])."""
        ...


Files = Mapping[str, bytes]
PipelineOpener = Callable[[Files, Schema, Sequence[object]], GraphPredictor]
CheckpointOpener = Callable[[Files, Limits], Predictor]


def _tabular(files: Files, schema: Schema, labels: Sequence[object]) -> TabularPredictor:
    return TabularPredictor(files[GRAPH], schema, labels)


def _text(files: Files, schema: Schema, labels: Sequence[object]) -> TextPredictor:
    return TextPredictor(files[GRAPH], files[VECTORIZER], schema, labels)


def _question_answering(files: Files, limits: Limits) -> QuestionAnsweringPredictor:
    return QuestionAnsweringPredictor(files[GRAPH], files[TOKENIZER], files[ANSWERING], limits)


PIPELINES: Mapping[Task, PipelineOpener] = {
    "tabular-classification": _tabular,
    "tabular-regression": _tabular,
    "text-classification": _text,
}
CHECKPOINTS: Mapping[Task, CheckpointOpener] = {"question-answering": _question_answering}


def open_predictor(
    task: Task,
    kind: ModelKind,
    files: Files,
    schema: Schema,
    labels: Sequence[object],
    limits: Limits = DEFAULT_LIMITS,
) -> Predictor:
    """The predictor over a version's served files; raises DamagedVersionError where it cannot be opened."""
    known: Mapping[Task, Any] = PIPELINES if kind == "pipeline" else CHECKPOINTS
    if task not in known:
        raise DamagedVersionError(f"this Despliegue serves no {task} of a {kind}: install a newer one")
    return open_graph_predictor(task, files, schema, labels) if kind == "pipeline" else CHECKPOINTS[task](files, limits)


def open_graph_predictor(task: Task, files: Files, schema: Schema, labels: Sequence[object]) -> GraphPredictor:
    """The predictor over a pipeline's served files; raises DamagedVersionError where it cannot be opened."""
    return PIPELINES[task](files, schema, labels)
