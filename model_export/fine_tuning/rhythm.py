"""When a training logs, evaluates, saves and stops."""

from __future__ import annotations

import math
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from model_export.fine_tuning.arguments import LOWER_IS_BETTER, FineTuningArguments
from model_export.fine_tuning.curve import EVALUATED, evaluations

LOGS = 200
CHECKPOINTS = 20
"""About how many points the curve has of the training loss, and how many checkpoints replace each other."""


class Rhythm(TrainerCallback):
    """Every checkpoint falls on a point of the curve, so that a resumed run goes on with whole ones."""

    def __init__(self, arguments: FineTuningArguments) -> None:
        self._evaluates = arguments.evaluate_during_training
        self._steps = max(arguments.evaluate_during_training_steps, 0)

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> TrainerControl:
        step = state.global_step
        is_last = step >= state.max_steps
        control.should_log = is_last or step % math.ceil(state.max_steps / LOGS) == 0
        control.should_save = is_last or step % math.ceil(state.max_steps / CHECKPOINTS) == 0
        if self._evaluates and self._steps and step % self._steps == 0:
            _evaluate(control)
        control.should_log |= control.should_save
        return control

    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> TrainerControl:
        done = evaluations(state.log_history)
        if self._evaluates and not (done and done[-1]["step"] == state.global_step):
            _evaluate(control)
            control.should_log = not _is_logged(state)
        return control


class EarlyStopping(TrainerCallback):
    """Stops after so many evaluations without a better one."""

    def __init__(self, arguments: FineTuningArguments) -> None:
        self._metric = arguments.early_stopping_metric
        self._patience = arguments.early_stopping_patience

    def on_evaluate(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> TrainerControl:
        if evaluations_since_best(state.log_history, self._metric) >= self._patience:
            control.should_training_stop = True
        return control


def evaluations_since_best(history: list[dict[str, float]], metric: str) -> int:
    """0 where the last evaluation is the best; the first of equal ones is. Told by the history alone, so that a
    resumed run counts on."""
    name = EVALUATED + metric.removeprefix(EVALUATED)
    values = [one[name] * (-1 if LOWER_IS_BETTER[metric] else 1) for one in evaluations(history)]
    return len(values) - 1 - values.index(max(values))


def _evaluate(control: TrainerControl) -> None:
    """And save: what is best by now must not depend on what comes after the last checkpoint."""
    control.should_evaluate = True
    control.should_save = True


def _is_logged(state: TrainerState) -> bool:
    return any(one["step"] == state.global_step and "loss" in one for one in state.log_history)
