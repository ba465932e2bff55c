"""Candidates for a version of a question-answering model: exported, optimised, proven equal and measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import orjson

from functions.core.errors import ParityError
from functions.core.question_answering import SCHEMA
from functions.core.schema import Schema
from functions.core.tasks import ANSWERING, GRAPH, TOKENIZER, Scoring
from functions.predictors.question_answering.parameters import AnsweringSettings
from functions.predictors.session import open_session
from model_export.progress import Progress, StageProgress, stage_progress
from model_export.question_answering.checkpoints import Checkpoint
from model_export.question_answering.evaluation import evaluate, losses
from model_export.question_answering.exporting import export_graph
from model_export.question_answering.graph import optimised
from model_export.question_answering.parity import LogitParity, Quantized, compare_logits
from model_export.question_answering.quantize import WAYS
from model_export.question_answering.squad import Question
from model_export.question_answering.tokenization import served_tokenizer

LIBRARIES = ("numpy", "onnx", "onnxruntime", "optimum", "optimum-onnx", "tokenizers", "torch", "transformers")


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """An export of a checkpoint; `source` names it in the report.

    `questions` are evaluated, if there are any. With a `margin` the version is int8, and may lose so many percentage
    points of exact match and of F1 on them. `settings` are its answering settings, by default the ones of transformers.
    """

    source: str
    questions: Sequence[Question] = ()
    margin: float | None = None
    settings: AnsweringSettings | None = None


@dataclass(frozen=True, slots=True)
class CheckpointCandidate:
    """`files` are the artifacts by name; `metrics` are measured on the questions, or else come from the training."""

    metrics: Mapping[str, float]
    parity: LogitParity
    files: Mapping[str, bytes]
    schema: Schema = SCHEMA
    labels: tuple[str, ...] = ()
    scoring: Scoring = "probabilities"


def prove_checkpoint(checkpoint: Checkpoint, request: ExportRequest, progress: Progress) -> CheckpointCandidate:
    """Export a checkpoint and prove it.

    Raises ParityError if the graph answers otherwise than the model, or int8 worse than the margin allows.
    """
    progress("export", 0.1)
    graph = export_graph(checkpoint)
    progress("optimise", 0.3)
    settings = request.settings or AnsweringSettings(checkpoint.max_length)
    files = {
        GRAPH: optimised(graph),
        TOKENIZER: served_tokenizer(checkpoint.tokenizer),
        ANSWERING: settings.to_json(),
    }
    parity = _parity(checkpoint, request, files[GRAPH], stage_progress(progress, "parity", 0.4, 0.6))
    if not parity.is_equal:
        raise ParityError(f"{parity.sentence}; nothing is published")
    metrics = _metrics(files, request, stage_progress(progress, "evaluate", 0.6, 0.7))
    exact = CheckpointCandidate(
        metrics or checkpoint.results, parity, {**files, **_reports(parity, metrics, checkpoint)}
    )
    return exact if request.margin is None else _quantized(exact, checkpoint, request, progress)


def _quantized(
    exact: CheckpointCandidate, checkpoint: Checkpoint, request: ExportRequest, progress: Progress
) -> CheckpointCandidate:
    assert request.margin is not None  # noqa: S101
    progress("quantize", 0.7)
    graph = export_graph(checkpoint, is_for_int8=True)
    for number, quantize in enumerate(WAYS):
        files = {**exact.files, GRAPH: optimised(quantize(graph))}
        begun = 0.72 + 0.07 * number
        metrics = _metrics(files, request, stage_progress(progress, "evaluate", begun, begun + 0.06))
        lost = losses(metrics, exact.metrics, request.margin)
        if not lost:
            break
    if lost:
        raise ParityError(
            f"int8 answers {len(request.questions)} questions worse than the margin of {request.margin:g} points "
            f"allows: {', '.join(lost)}; nothing is published (leave --quantize out to publish the exact graph)"
        )
    report = _parity(checkpoint, request, files[GRAPH], stage_progress(progress, "parity", 0.85, 0.95))
    gate = Quantized(
        questions=len(request.questions),
        margin=request.margin,
        exact_metrics=exact.metrics,
        max_absolute_difference=report.max_absolute_difference,
        different_argmax=report.different_argmax,
    )
    parity = replace(exact.parity, quantized=gate)
    return CheckpointCandidate(metrics, parity, {**files, **_reports(parity, metrics, checkpoint)})


def _parity(checkpoint: Checkpoint, request: ExportRequest, graph: bytes, report: StageProgress) -> LogitParity:
    return compare_logits(checkpoint, open_session(graph, is_optimised=True), request.source, report)


def _metrics(files: Mapping[str, bytes], request: ExportRequest, report: StageProgress) -> Mapping[str, float]:
    return evaluate(files, request.questions, report) if request.questions else {}


def _reports(parity: LogitParity, measured: Mapping[str, float], checkpoint: Checkpoint) -> dict[str, bytes]:
    """Reports for people to read; metrics of the training are kept apart from metrics measured here."""
    own = {"training": checkpoint.results} if measured and checkpoint.results else {}
    return {
        "parity.json": orjson.dumps(asdict(parity), option=orjson.OPT_INDENT_2),
        "performance.json": orjson.dumps({"overall": measured or checkpoint.results, **own}),
    }
