"""The table of tasks: what each one reads and predicts, and how clients send it requests.

Code that differs by task or protocol is registered in its own package, under the keys of this table, and
tests/core/test_tasks.py compares every registry with it. docs/extending.md shows how a task is added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Task = Literal["tabular-classification", "tabular-regression", "text-classification", "question-answering"]
ModelKind = Literal["pipeline", "checkpoint"]
"""The origin of a model: a scikit-learn pipeline, or a Hugging Face checkpoint."""
Protocol = Literal["despliegue", "hugging-face"]
"""The form of requests and answers; functions/inference/protocols has a package for each."""
Reads = Literal["table", "text", "question-and-context"]
Predicts = Literal["number", "label", "answer"]
Scoring = Literal["probabilities", "decision"]
"""The numbers next to the label of a classification: the probability of each label, or a decision without any."""

INSTANCES = "instances"
LABEL_METRICS = ("accuracy", "precision", "recall", "f1", "roc_auc", "log_loss")
NUMBER_METRICS = ("rmse", "mae", "r2")
SEVERAL_LABELS_METRICS = ("subset_accuracy", "hamming_loss", "f1_micro")
"""Metrics of several targets of labels at once; the others are means of those of each target."""
SMALLER_IS_BETTER = frozenset({"rmse", "mae", "log_loss", "hamming_loss"})
"""Metrics of errors, 0 at best; the other metrics are 1 at best."""
GRAPH = "model.onnx"
VECTORIZER = "vectorizer.json"
TEXT_COLUMNS = "text_columns.json"
TOKENIZER = "tokenizer.json"
ANSWERING = "answering.json"
LABELLING = "labelling.json"


@dataclass(frozen=True, slots=True)
class Traits:
    """The traits of one task.

    `served_files` are the artifacts that serving reads, for each kind of model that can do the task; the first kind is
    the default, for manifests that name none. `optional_files` are served where a version has them. `body_names` are
    the keys that may hold the instances in a body to predict. A body of at most `inline_bytes` is answered on the
    event loop if the model is a pipeline: a thread costs more than a small batch, and a large batch would delay all
    other requests. A gate can judge the `metrics`; checkpoints are judged when they are exported.
    """

    reads: Reads
    predicts: Predicts
    served_files: Mapping[ModelKind, tuple[str, ...]]
    optional_files: tuple[str, ...] = ()
    protocols: frozenset[Protocol] = frozenset[Protocol]({"despliegue"})
    body_names: tuple[str, ...] = (INSTANCES,)
    inline_bytes: int = 0
    metrics: tuple[str, ...] = ()

    @property
    def default_kind(self) -> ModelKind:
        return next(iter(self.served_files))

    def metrics_of(self, targets: int) -> tuple[str, ...]:
        """The metrics that a gate can judge a model of so many targets by."""
        is_several = targets > 1 and self.predicts == "label"
        return (*self.metrics, *SEVERAL_LABELS_METRICS) if is_several else self.metrics


# A table of 500,000 bytes takes some 10 ms, a text of 20,000 bytes as long; an answer takes seconds.
TASKS: Mapping[Task, Traits] = {
    "tabular-classification": Traits(
        reads="table",
        predicts="label",
        metrics=LABEL_METRICS,
        served_files={"pipeline": (GRAPH,)},
        optional_files=(TEXT_COLUMNS,),
        inline_bytes=500_000,
    ),
    "tabular-regression": Traits(
        reads="table",
        predicts="number",
        metrics=NUMBER_METRICS,
        served_files={"pipeline": (GRAPH,)},
        optional_files=(TEXT_COLUMNS,),
        inline_bytes=500_000,
    ),
    "text-classification": Traits(
        reads="text",
        predicts="label",
        metrics=LABEL_METRICS,
        served_files={"pipeline": (GRAPH,), "checkpoint": (GRAPH, TOKENIZER, LABELLING)},
        optional_files=(VECTORIZER, TEXT_COLUMNS),
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
