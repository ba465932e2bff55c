"""Candidates for a version of a question-answering model: its proof, with questions and settings of answering."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from functions.core.question_answering import SCHEMA
from functions.core.tasks import ANSWERING
from functions.predictors.question_answering.parameters import AnsweringSettings
from model_export.checkpoints.int8_gate import Compared, Int8Gate
from model_export.checkpoints.proof import CheckpointCandidate, Proof
from model_export.checkpoints.tokenization import served_tokenizer
from model_export.progress import Progress
from model_export.question_answering.checkpoints import AnsweringCheckpoint
from model_export.question_answering.evaluation import evaluate, require_readable
from model_export.question_answering.parity import compare_logits
from model_export.question_answering.squad import Question

PERCENTAGES = Compared(("exact", "f1"), points=1, decimals=2)


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """An export of a checkpoint; `source` names it in the report.

    `questions` are evaluated, if there are any; `evaluation` is the name of their file. With a `margin` the version is
    int8, and may lose so many percentage points of exact match and of F1 on them. `settings` are its answering
    settings, by default the ones of transformers.
    """

    source: str
    questions: Sequence[Question] = ()
    margin: float | None = None
    settings: AnsweringSettings | None = None
    evaluation: str = ""

    @property
    def gate(self) -> Int8Gate | None:
        asked = len(self.questions)
        return None if self.margin is None else Int8Gate(self.margin, asked, f"answers {asked} questions", PERCENTAGES)


def prove_checkpoint(
    checkpoint: AnsweringCheckpoint, request: ExportRequest, progress: Progress
) -> CheckpointCandidate:
    """Export a checkpoint and prove it.

    Raises ParityError if the graph answers otherwise than the model, or int8 worse than the margin allows;
    InvalidInputError for questions that the version would refuse.
    """
    settings = request.settings or AnsweringSettings(checkpoint.max_length)
    if request.questions:
        require_readable(request.questions, served_tokenizer(checkpoint.tokenizer), settings, request.evaluation)
    proof = Proof(
        checkpoint=checkpoint,
        schema=SCHEMA,
        settings={ANSWERING: settings.to_json()},
        compare=lambda session, report: compare_logits(checkpoint, session, request.source, report),
        measure=lambda files, report: evaluate(files, request.questions, report) if request.questions else {},
        gate=request.gate,
    )
    return proof.candidate(progress)
