"""What is asked of one fine-tuning, checked, before anything heavy is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from model_export.fine_tuning.arguments import FineTuningArguments
from model_export.question_answering.squad import Question


@dataclass(frozen=True, slots=True)
class FineTuning:
    """`base` is an id of the hub, a checkpoint's folder, or a configuration to start afresh from.

    Every answer stands at its start in its context, and ids are unique within each file; without a test file `test`
    is empty. `overwrite` and `resume` say what to do with an earlier run in `out`; at most one of them is true.
    """

    train: Sequence[Question]
    test: Sequence[Question]
    base: str
    out: Path
    arguments: FineTuningArguments
    overwrite: bool
    resume: bool
