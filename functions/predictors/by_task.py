"""Which predictor serves a task, and the files that it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy.typing as npt

from functions.core.definition import Limits, Task
from functions.core.errors import DamagedVersionError
from functions.core.schema import Schema, Table
from functions.predictors.predictions import Prediction
from functions.predictors.question_answering.parameters import SETTINGS
from functions.predictors.question_answering.predictor import QuestionAnsweringPredictor
from functions.predictors.question_answering.windows import TOKENIZER
from functions.predictors.tabular import TabularPredictor
from functions.predictors.text.predictor import TextPredictor

GRAPH = "model.onnx"
VECTORIZER = "vectorizer.json"
SERVED_FILES: Mapping[Task, tuple[str, ...]] = {
    "tabular-classification": (GRAPH,),
    "tabular-regression": (GRAPH,),
    "text-classification": (GRAPH, VECTORIZER),
    "question-answering": (GRAPH, TOKENIZER, SETTINGS),
}
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
    """One whose graph gives a row of numbers for each row of a table."""

    def run(self, table: Table) -> list[npt.NDArray[Any]]:
        """`label` (int64 [N]) and `probabilities` (float64 [N, labels]), or `variable` (float64 [N])."""
        ...


def open_predictor(
    task: Task, files: Mapping[str, bytes], schema: Schema, labels: Sequence[object], limits: Limits = DEFAULT_LIMITS
) -> Predictor:
    """The predictor over a version's served files; raises DamagedVersionError where it cannot be opened."""
    if task not in SERVED_FILES:
        raise DamagedVersionError(f"this Despliegue serves no {task}: install a newer one")
    if task == "question-answering":
        return QuestionAnsweringPredictor(files[GRAPH], files[TOKENIZER], files[SETTINGS], limits)
    return open_graph_predictor(task, files, schema, labels)


def open_graph_predictor(
    task: Task, files: Mapping[str, bytes], schema: Schema, labels: Sequence[object]
) -> GraphPredictor:
    """The predictor of tables or of documents; raises DamagedVersionError where it cannot be opened."""
    if task == "text-classification":
        return TextPredictor(files[GRAPH], files[VECTORIZER], schema, labels)
    return TabularPredictor(files[GRAPH], schema, labels)
