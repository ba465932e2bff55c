"""What each task reads and predicts, and how it is asked for: the one table that everything else looks up.

Code that differs by task or protocol is registered beside where it lives, under the keys of this table, and
tests/core/test_tasks.py holds every registry equal to it. docs/extending.md shows how a task is added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Task = Literal["tabular-classification", "tabular-regression", "text-classification", "question-answering"]
ModelKind = Literal["pipeline", "checkpoint"]
"""What a model is made of: a scikit-learn pipeline, or a Hugging Face checkpoint."""
Protocol = Literal["despliegue", "hugging-face"]
"""How clients write requests and read answers; functions/inference/protocols has a package for each."""
Reads = Literal["table", "text", "question-and-context"]
Predicts = Literal["number", "label", "answer"]

INSTANCES = "instances"
LABEL_METRICS = ("accuracy", "precision", "recall", "f1", "roc_auc", "log_loss")
NUMBER_METRICS = ("rmse", "mae", "r2")
SMALLER_IS_BETTER = frozenset({"rmse", "mae", "log_loss"})
"""Errors, from 0; the other metrics are 1 at best."""
GRAPH = "model.onnx"
VECTORIZER = "vectorizer.json"
TOKENIZER = "tokenizer.json"
ANSWERING = "answering.json"


@dataclass(frozen=True, slots=True)
class Traits:
    """One task.

    `served_files` are the artifacts that serving reads, for each kind of model that can do the task; the first kind
    is the one of versions whose manifest names none. `body_names` are the keys that may hold the instances in a body
    to predict. A body of at most `inline_bytes` is answered on the event loop: a thread costs more than a small
    batch, and a large batch would hold up everybody else. `metrics` are those that a gate can judge; a checkpoint is
    judged where it is exported.
    """

    reads: Reads
    predicts: Predicts
    served_files: Mapping[ModelKind, tuple[str, ...]]
    protocols: frozenset[Protocol] = frozenset[Protocol]({"despliegue"})
    body_names: tuple[str, ...] = (INSTANCES,)
    inline_bytes: int = 0
    metrics: tuple[str, ...] = ()

    @property
    def default_kind(self) -> ModelKind:
        return next(iter(self.served_files))


# A table of 500,000 bytes takes some 10 ms, a text of 20,000 bytes as long; an answer takes seconds.
TASKS: Mapping[Task, Traits] = {
    "tabular-classification": Traits(
        reads="table",
        predicts="label",
        metrics=LABEL_METRICS,
        served_files={"pipeline": (GRAPH,)},
        inline_bytes=500_000,
    ),
    "tabular-regression": Traits(
        reads="table",
        predicts="number",
        metrics=NUMBER_METRICS,
        served_files={"pipeline": (GRAPH,)},
        inline_bytes=500_000,
    ),
    "text-classification": Traits(
        reads="text",
        predicts="label",
        metrics=LABEL_METRICS,
        served_files={"pipeline": (GRAPH, VECTORIZER)},
        protocols=frozenset({"despliegue", "hugging-face"}),
        body_names=(INSTANCES, "texts"),
        inline_bytes=20_000,
    ),
    "question-answering": Traits(
        reads="question-and-context",
        predicts="answer",
        served_files={"checkpoint": (GRAPH, TOKENIZER, ANSWERING)},
        protocols=frozenset({"despliegue", "hugging-face"}),
    ),
}
