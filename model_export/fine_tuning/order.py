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
    is empty. With `resume` an earlier run goes on; with `trust_pickle` pickled weights of the base are read.
    """

    train: Sequence[Question]
    test: Sequence[Question]
    base: str
    arguments: FineTuningArguments
    resume: bool = False
    trust_pickle: bool = False

    @property
    def out(self) -> Path:
        return Path(self.arguments.output_dir)

    @property
    def best(self) -> Path:
        return Path(self.arguments.best_model_dir)

    @property
    def has_impossible(self) -> bool:
        """Whether the empty text is an answer."""
        return any(not one.answers for one in (*self.train, *self.test))
