"""Loading of checkpoints that answer questions: model, tokenizer and the marks that it puts around a pair."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from transformers import AutoModelForQuestionAnswering

from functions.core.errors import CheckpointError
from model_export.checkpoints.loading import Checkpoint, load_any
from model_export.question_answering.marks import Marks, marks_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweringCheckpoint(Checkpoint):
    """One whose model gives each token two logits, as the start and as the end of an answer."""

    marks: Marks


def load_checkpoint(folder: Path, *, trust_pickle: bool, max_length: int | None = None) -> AnsweringCheckpoint:
    """The checkpoint in `folder`, as `load_any` reads it; raises CheckpointError."""
    loaded = load_any(
        folder,
        "question-answering",
        AutoModelForQuestionAnswering,
        lambda tokenizer: marks_of(tokenizer).count + 2,
        trust_pickle=trust_pickle,
        max_length=max_length,
    )
    numbers = loaded.model.config.num_labels
    if numbers != 2:
        raise CheckpointError(f"{folder}: the head gives {numbers} numbers a token, not 2")
    return loaded.extended(AnsweringCheckpoint, marks=marks_of(loaded.tokenizer))
