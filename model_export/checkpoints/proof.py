"""Proof of a checkpoint: its graph exported, optimised, proven equal, measured; quantized if int8 is good enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import orjson

from functions.core.errors import ParityError
from functions.core.schema import Schema
from functions.core.tasks import GRAPH, TOKENIZER, Scoring
from functions.predictors.session import open_session
from model_export.checkpoints.exporting import export_for_int8, export_graph
from model_export.checkpoints.graph import optimised
from model_export.checkpoints.graph_parity import GraphParity, Quantized
from model_export.checkpoints.int8_gate import Int8Gate
from model_export.checkpoints.loading import Checkpoint
from model_export.checkpoints.quantize import WAYS
from model_export.checkpoints.tokenization import served_tokenizer
from model_export.progress import Progress, StageProgress, stage_progress

LIBRARIES = ("numpy", "onnx", "onnxruntime", "optimum", "optimum-onnx", "tokenizers", "torch", "transformers")
Files = Mapping[str, bytes]
"""Artifacts of a version by name."""
Metrics = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class CheckpointCandidate:
    """`files` are the artifacts by name; `metrics` are measured on examples, or else come from the training."""

    metrics: Metrics
    parity: GraphParity
    files: Files
    schema: Schema
    labels: tuple[str, ...] = ()
    scoring: Scoring = "probabilities"


@dataclass(frozen=True, slots=True)
class Proof:
    """What the task of a checkpoint brings to its proof.

    `settings` are the artifacts with its settings of serving. `compare` runs a session over a graph and the model on
    the same texts. `measure` gives the metrics of the version that the files make, and none without examples. With a
    `gate` the version is int8.
    """

    checkpoint: Checkpoint
    schema: Schema
    settings: Files
    compare: Callable[[Any, StageProgress], GraphParity]
    measure: Callable[[Files, StageProgress], Metrics]
    gate: Int8Gate | None
    labels: tuple[str, ...] = ()

    def candidate(self, progress: Progress) -> CheckpointCandidate:
        """Carry it out; raises ParityError if the graph is not the model, or int8 is worse than the gate allows."""
        progress("export", 0.1)
        graph = export_graph(self.checkpoint)
        progress("optimise", 0.3)
        files = {GRAPH: optimised(graph), TOKENIZER: served_tokenizer(self.checkpoint.tokenizer), **self.settings}
        parity = self._parity(files, stage_progress(progress, "parity", 0.4, 0.6))
        if not parity.is_equal:
            raise ParityError(f"{parity.sentence}; nothing is published")
        metrics = self.measure(files, stage_progress(progress, "evaluate", 0.6, 0.7))
        if self.gate is None:
            return self._reported(parity, metrics, files)
        progress("quantize", 0.7)
        quantizable = export_for_int8(self.checkpoint, graph)
        int8, int8_metrics = self._quantized(self.gate, quantizable, files, metrics, progress)
        effects = self._parity(int8, stage_progress(progress, "parity", 0.85, 0.95))
        noted = Quantized(
            questions=self.gate.examples,
            margin=self.gate.margin,
            exact_metrics=metrics,
            max_absolute_difference=effects.max_absolute_difference,
            different_argmax=effects.moved,
        )
        return self._reported(replace(parity, quantized=noted), int8_metrics, int8)

    def _quantized(
        self, gate: Int8Gate, graph: bytes, exact: Files, metrics: Metrics, progress: Progress
    ) -> tuple[Files, Metrics]:
        """The first way to int8 of `graph` that passes the gate, and its metrics; raises ParityError if none does.

        `exact` are the files of the version that is not quantized, `metrics` its metrics.
        """
        for number, quantize in enumerate(WAYS):
            begun = 0.72 + 0.04 * number
            files = {**exact, GRAPH: optimised(quantize(graph))}
            measured = self.measure(files, stage_progress(progress, "evaluate", begun, begun + 0.04))
            if not gate.losses(measured, metrics):
                break
        gate.refuse_worse(measured, metrics)
        return files, measured

    def _parity(self, files: Files, report: StageProgress) -> GraphParity:
        return self.compare(open_session(files[GRAPH], is_optimised=True), report)

    def _reported(self, parity: GraphParity, measured: Metrics, files: Files) -> CheckpointCandidate:
        """With reports for people to read; metrics of the training are kept apart from metrics measured here."""
        trained = self.checkpoint.results
        own = {"training": trained} if measured and trained else {}
        metrics = measured or trained
        reports = {
            "parity.json": orjson.dumps(asdict(parity), option=orjson.OPT_INDENT_2),
            "performance.json": orjson.dumps({"overall": metrics, **own}),
        }
        return CheckpointCandidate(metrics, parity, {**files, **reports}, self.schema, self.labels)
