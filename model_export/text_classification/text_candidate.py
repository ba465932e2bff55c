"""Candidates for a version that labels texts by a checkpoint: exported, optimised, proven equal and measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import cast

import orjson

from functions.core.definition import Limits
from functions.core.errors import ParityError
from functions.core.schema import Feature, Schema
from functions.core.tasks import GRAPH, LABELLING, TOKENIZER, Scoring, Task
from functions.predictors.by_task import open_predictor
from functions.predictors.session import open_session
from functions.predictors.text.labelling import LabellingSettings
from model_export.progress import Progress, StageProgress, stage_progress, with_progress
from model_export.question_answering.exporting import export_graph
from model_export.question_answering.graph import optimised
from model_export.question_answering.parity import Quantized
from model_export.question_answering.quantize import WAYS
from model_export.question_answering.tokenization import served_tokenizer
from model_export.text_classification.label_parity import LabelParity, compare_labels
from model_export.text_classification.labelled_texts import LabelledText, require_known_labels, score_labels
from model_export.text_classification.text_checkpoints import TextCheckpoint

TASK: Task = "text-classification"
TEXT_SCHEMA = Schema((Feature("text", "string", categorical=False),), Feature("label", "string"))
"""The schema in which a version is measured; a model.toml may have other names."""
ANY_LENGTH = Limits(max_tokens=1_000_000_000)
APPLIES = 0.5
"""The least score of a label that applies, where a text may have several."""


@dataclass(frozen=True, slots=True)
class TextExport:
    """An export of a checkpoint; `source` names it in the report.

    `texts` are evaluated, if there are any; `evaluation` is the name of their file. With a `margin` the version is
    int8, and may lose so many percentage points of accuracy and of F1 on them.
    """

    source: str
    texts: Sequence[LabelledText] = ()
    evaluation: str = ""
    margin: float | None = None
    truncation: bool = False


@dataclass(frozen=True, slots=True)
class TextCandidate:
    """`files` are the artifacts by name; `metrics` are measured on the texts, or else come from the training."""

    metrics: Mapping[str, float]
    parity: LabelParity
    files: Mapping[str, bytes]
    labels: tuple[str, ...]
    schema: Schema = TEXT_SCHEMA
    scoring: Scoring = "probabilities"


def prove_text_checkpoint(checkpoint: TextCheckpoint, request: TextExport, progress: Progress) -> TextCandidate:
    """Export a checkpoint and prove it.

    Raises ParityError if the graph labels otherwise than the model, or int8 worse than the margin allows;
    InvalidInputError for texts with labels that the model does not have.
    """
    require_known_labels(request.texts, checkpoint.labels, request.evaluation)
    progress("export", 0.1)
    graph = export_graph(checkpoint, TASK)
    progress("optimise", 0.3)
    settings = LabellingSettings(checkpoint.max_length, checkpoint.activation, request.truncation)
    files = {
        GRAPH: optimised(graph),
        TOKENIZER: served_tokenizer(checkpoint.tokenizer),
        LABELLING: settings.to_json(),
    }
    parity = _parity(checkpoint, request, files[GRAPH], stage_progress(progress, "parity", 0.4, 0.6))
    if not parity.is_equal:
        raise ParityError(f"{parity.sentence}; nothing is published")
    metrics = _metrics(files, checkpoint, request, stage_progress(progress, "evaluate", 0.6, 0.7))
    exact = _candidate(checkpoint, parity, files, metrics)
    return exact if request.margin is None else _quantized(exact, checkpoint, request, progress)


def _quantized(
    exact: TextCandidate, checkpoint: TextCheckpoint, request: TextExport, progress: Progress
) -> TextCandidate:
    assert request.margin is not None  # noqa: S101
    progress("quantize", 0.7)
    graph = export_graph(checkpoint, TASK, is_for_int8=True)
    for number, quantize in enumerate(WAYS):
        files = {**exact.files, GRAPH: optimised(quantize(graph))}
        begun = 0.72 + 0.07 * number
        metrics = _metrics(files, checkpoint, request, stage_progress(progress, "evaluate", begun, begun + 0.06))
        lost = _losses(metrics, exact.metrics, request.margin)
        if not lost:
            break
    if lost:
        raise ParityError(
            f"int8 labels {len(request.texts)} texts worse than the margin of {request.margin:g} points allows: "
            f"{', '.join(lost)}; nothing is published (leave --quantize out to publish the exact graph)"
        )
    report = _parity(checkpoint, request, files[GRAPH], stage_progress(progress, "parity", 0.85, 0.95))
    gate = Quantized(
        questions=len(request.texts),
        margin=request.margin,
        exact_metrics=exact.metrics,
        max_absolute_difference=report.max_absolute_difference,
        different_argmax=report.different_label,
    )
    return _candidate(checkpoint, replace(exact.parity, quantized=gate), files, metrics)


def _losses(metrics: Mapping[str, float], original: Mapping[str, float], margin: float) -> list[str]:
    """A sentence for each metric that int8 lowers by more than `margin` percentage points."""
    return [
        f"{name} falls from {original[name]:.4f} to {metrics[name]:.4f}"
        for name in metrics
        if 100 * (original[name] - metrics[name]) > margin
    ]


def _candidate(
    checkpoint: TextCheckpoint, parity: LabelParity, files: Mapping[str, bytes], measured: Mapping[str, float]
) -> TextCandidate:
    """With reports for people to read; metrics of the training are kept apart from metrics measured here."""
    own = {"training": checkpoint.results} if measured and checkpoint.results else {}
    metrics = measured or checkpoint.results
    reports = {
        "parity.json": orjson.dumps(asdict(parity), option=orjson.OPT_INDENT_2),
        "performance.json": orjson.dumps({"overall": metrics, **own}),
    }
    return TextCandidate(metrics, parity, {**files, **reports}, checkpoint.labels)


def _parity(checkpoint: TextCheckpoint, request: TextExport, graph: bytes, report: StageProgress) -> LabelParity:
    return compare_labels(checkpoint, open_session(graph, is_optimised=True), request.source, report)


def _metrics(
    files: Mapping[str, bytes], checkpoint: TextCheckpoint, request: TextExport, report: StageProgress
) -> Mapping[str, float]:
    """Metrics through the code that will serve; long texts are cut, as the pipeline's truncation does."""
    if not request.texts:
        return {}
    settings = LabellingSettings(checkpoint.max_length, checkpoint.activation, truncation=True)
    measured = {**files, LABELLING: settings.to_json()}
    predictor = open_predictor(TASK, "checkpoint", measured, TEXT_SCHEMA, checkpoint.labels, ANY_LENGTH)
    found = [predictor.predict({"text": [one.text]})[0] for one in with_progress(request.texts, report)]
    predicted = [_applying(cast(dict[str, object], one), checkpoint) for one in found]
    return score_labels(predicted, [one.labels for one in request.texts])


def _applying(prediction: Mapping[str, object], checkpoint: TextCheckpoint) -> frozenset[str]:
    if checkpoint.activation == "softmax":
        return frozenset([str(prediction["label"])])
    scores = cast(Mapping[str, float], prediction["scores"])
    return frozenset(label for label, score in scores.items() if score >= APPLIES)
