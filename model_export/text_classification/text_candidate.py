"""Candidates for a version that labels texts by a checkpoint: its proof, with labelled texts and their metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from functions.core.schema import Feature, Schema
from functions.core.tasks import LABELLING
from functions.predictors.text.labelling import LabellingSettings
from model_export.checkpoints.int8_gate import Compared, Int8Gate
from model_export.checkpoints.measuring import measured_predictor
from model_export.checkpoints.proof import CheckpointCandidate, Files, Metrics, Proof
from model_export.progress import Progress, StageProgress, with_progress
from model_export.text_classification.label_parity import compare_labels
from model_export.text_classification.labelled_texts import (
    LabelledText,
    require_known_labels,
    require_one_label,
    score_labels,
)
from model_export.text_classification.text_checkpoints import APPLIES, TextCheckpoint

TEXT_SCHEMA = Schema((Feature("text", "string", categorical=False),), Feature("label", "string"))
"""The schema in which a version is measured; a model.toml may have other names."""
SHARES = Compared(("accuracy", "f1"), points=100, decimals=4)


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

    @property
    def gate(self) -> Int8Gate | None:
        labelled = len(self.texts)
        return None if self.margin is None else Int8Gate(self.margin, labelled, f"labels {labelled} texts", SHARES)


def prove_text_checkpoint(checkpoint: TextCheckpoint, request: TextExport, progress: Progress) -> CheckpointCandidate:
    """Export a checkpoint and prove it.

    Raises ParityError if the graph labels otherwise than the model, or int8 worse than the margin allows;
    InvalidInputError for texts with labels that the model does not have, or with more or fewer than it gives a text.
    """
    if checkpoint.activation == "softmax":
        require_one_label(request.texts, request.evaluation)
    require_known_labels(request.texts, checkpoint.labels, request.evaluation)
    settings = LabellingSettings(checkpoint.max_length, checkpoint.activation, request.truncation)
    proof = Proof(
        checkpoint=checkpoint,
        schema=TEXT_SCHEMA,
        settings={LABELLING: settings.to_json()},
        compare=lambda session, report: compare_labels(checkpoint, session, request.source, report),
        measure=lambda files, report: _metrics(files, checkpoint, request.texts, report),
        gate=request.gate,
        labels=checkpoint.labels,
    )
    return proof.candidate(progress)


def _metrics(files: Files, checkpoint: TextCheckpoint, texts: Sequence[LabelledText], report: StageProgress) -> Metrics:
    """Metrics through the code that will serve; long texts are cut, as the pipeline's truncation does."""
    if not texts:
        return {}
    settings = LabellingSettings(checkpoint.max_length, checkpoint.activation, truncation=True)
    measured = {**files, LABELLING: settings.to_json()}
    predictor = measured_predictor(checkpoint.task, measured, TEXT_SCHEMA, checkpoint.labels)
    found = [predictor.predict({"text": [one.text]})[0] for one in with_progress(texts, report)]
    predicted = [_applying(cast(dict[str, object], one), checkpoint) for one in found]
    return score_labels(predicted, [one.labels for one in texts])


def _applying(prediction: Mapping[str, object], checkpoint: TextCheckpoint) -> frozenset[str]:
    if checkpoint.activation == "softmax":
        return frozenset([str(prediction["label"])])
    scores = cast(Mapping[str, float], prediction["scores"])
    return frozenset(label for label, score in scores.items() if score >= APPLIES)
