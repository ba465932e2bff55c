"""How a version is asked unless a request says otherwise: as it is told, else as its training asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from functions.core.errors import CheckpointError
from functions.predictors.question_answering.parameters import AnsweringSettings
from model_export.question_answering.checkpoints import Checkpoint
from model_export.question_answering.documents import TRAINING_ARGUMENTS

IN_TRAINING: Mapping[str, str] = {
    "max_length": "max_seq_length",
    "max_question_len": "max_query_length",
    "max_answer_len": "max_answer_length",
    "handle_impossible_answer": "handle_impossible_answer",
}
"""From a setting to the training's argument of the same meaning."""
STEP = "doc_stride"


@dataclass(frozen=True, slots=True)
class Told:
    """Settings that are told; None leaves one to the training, and after that to transformers."""

    max_length: int | None = None
    max_question_len: int | None = None
    max_answer_len: int | None = None
    handle_impossible_answer: bool | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """`taken` are the settings that come from the training, by name."""

    settings: AnsweringSettings
    taken: Mapping[str, Any]


def settings_of(checkpoint: Checkpoint, told: Told) -> Asked:
    """Raises CheckpointError for training arguments that make no sense."""
    given = {one.name: value for one in fields(told) if (value := getattr(told, one.name)) is not None}
    taken: dict[str, Any] = {
        setting: _checked(name, checkpoint.args[name], bool if setting == "handle_impossible_answer" else int)
        for setting, name in IN_TRAINING.items()
        if setting not in given and checkpoint.args.get(name) is not None
    }
    length = taken.get("max_length")
    if length is not None:
        _refuse_short(length, checkpoint.marks.count + 2)
        taken |= {"max_length": min(length, checkpoint.max_length), **_overlap(checkpoint, length)}
    return Asked(AnsweringSettings(**{"max_length": checkpoint.max_length, **taken, **given}), taken)


def shared_tokens(length: int, special: int, question: int, step: int) -> int:
    """Tokens of the context that windows of `length` share, begun `step` apart, beside `special` tokens and a question
    of `question`. A step past the whole window, which would skip some, counts as one of half a window."""
    room = length - special - question
    return room - (step if step <= room else max(room // 2, 1))


def _overlap(checkpoint: Checkpoint, length: int) -> dict[str, int]:
    """With the longest question; in a training `doc_stride` is the step from one window to the next."""
    step, question = (checkpoint.args.get(name) for name in (STEP, IN_TRAINING["max_question_len"]))
    if step is None or question is None or length > checkpoint.max_length:
        return {}
    special, question = checkpoint.marks.count, _checked(IN_TRAINING["max_question_len"], question, int)
    if length - special - question < 1:
        return {}
    return {STEP: shared_tokens(length, special, question, _checked(STEP, step, int))}


def _checked(name: str, value: Any, kind: type) -> Any:
    is_large_enough = kind is bool or (isinstance(value, int) and value >= 1)
    if type(value) is not kind or not is_large_enough:
        wanted = "a whole number from 1" if kind is int else "true or false"
        raise CheckpointError(f"{TRAINING_ARGUMENTS}: {name} is {value!r}, not {wanted}: correct it, or leave it out")
    return value


def _refuse_short(length: int, least: int) -> None:
    if length < least:
        raise CheckpointError(
            f"{TRAINING_ARGUMENTS}: max_seq_length is {length}, and this model needs {least}: say another --max-length"
        )
