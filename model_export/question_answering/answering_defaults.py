"""Default answering settings of a version: flags of the command first, then the arguments of its training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any

from msgspec import Meta

from functions.core.errors import CheckpointError
from functions.predictors.question_answering.parameters import AnsweringSettings
from model_export.checkpoints.documents import TRAINING_ARGUMENTS, known_keys
from model_export.question_answering.checkpoints import AnsweringCheckpoint

IN_TRAINING: Mapping[str, str] = {
    "max_length": "max_seq_length",
    "max_question_len": "max_query_length",
    "max_answer_len": "max_answer_length",
    "handle_impossible_answer": "handle_impossible_answer",
}
"""From a setting to the training's argument of the same meaning."""

TokenCount = Annotated[int, Meta(ge=1)]


@dataclass(frozen=True, slots=True)
class TrainedAnswering:
    """Arguments of a training that say how it answered; in a training `doc_stride` is the step between windows."""

    max_seq_length: TokenCount | None = None
    doc_stride: TokenCount | None = None
    max_query_length: TokenCount | None = None
    max_answer_length: TokenCount | None = None
    handle_impossible_answer: bool | None = None
    null_score_diff_threshold: float | None = None


@dataclass(frozen=True, slots=True)
class AnsweringFlags:
    """Settings that the command names; None leaves one to the training, and after that to transformers."""

    max_length: int | None = None
    max_question_len: int | None = None
    max_answer_len: int | None = None
    handle_impossible_answer: bool | None = None


@dataclass(frozen=True, slots=True)
class AnsweringDefaults:
    """`taken` are the settings that come from the training, by name."""

    settings: AnsweringSettings
    taken: Mapping[str, Any]


def answering_defaults(checkpoint: AnsweringCheckpoint, flags: AnsweringFlags) -> AnsweringDefaults:
    """Raises CheckpointError for training arguments of a wrong type or size."""
    trained = known_keys(checkpoint.args, TrainedAnswering, TRAINING_ARGUMENTS)
    given = {field.name: value for field in fields(flags) if (value := getattr(flags, field.name)) is not None}
    taken: dict[str, Any] = {
        setting: value
        for setting, name in IN_TRAINING.items()
        if setting not in given and (value := getattr(trained, name)) is not None
    }
    # one of 0 is how a version without a threshold answers
    if trained.null_score_diff_threshold:
        taken["null_score_diff_threshold"] = trained.null_score_diff_threshold
    length = taken.get("max_length")
    if length is not None:
        _refuse_short(length, checkpoint.marks.count + 2)
        taken |= {"max_length": min(length, checkpoint.max_length), **_overlap(checkpoint, trained, length)}
    return AnsweringDefaults(AnsweringSettings(**{"max_length": checkpoint.max_length, **taken, **given}), taken)


def shared_tokens(length: int, special: int, question: int, step: int) -> int:
    """Tokens of the context that two neighbouring windows share.

    Windows have `length` tokens, of which `special` are special ones and `question` the question's, and begin `step`
    apart. A step longer than the room for the context would skip some of it, and counts as half that room.
    """
    room = length - special - question
    return room - (step if step <= room else max(room // 2, 1))


def _overlap(checkpoint: AnsweringCheckpoint, trained: TrainedAnswering, length: int) -> dict[str, int]:
    """The overlap of windows that hold the longest question, where the training had the same windows."""
    step, question, special = trained.doc_stride, trained.max_query_length, checkpoint.marks.count
    if step is None or question is None or length > checkpoint.max_length or length - special - question < 1:
        return {}
    return {"doc_stride": shared_tokens(length, special, question, step)}


def _refuse_short(length: int, least: int) -> None:
    if length < least:
        raise CheckpointError(
            f"{TRAINING_ARGUMENTS}: max_seq_length is {length}, and this model needs at least {least} tokens: "
            "set another one with --max-length"
        )
