"""Callbacks of the Trainer: when it logs, evaluates, saves and stops, which models it keeps, and what it prints."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from functions.core.errors import DespliegueError
from model_export.fine_tuning.arguments import LOWER_IS_BETTER, FineTuningArguments
from model_export.fine_tuning.checkpoint_folders import replace_model
from model_export.fine_tuning.curve import EVALUATED, evaluations, write_curve_picture, write_curve_table
from model_export.fine_tuning.evaluation_results import write_results
from model_export.fine_tuning.run import FineTuningRequest, drop_checkpoints_before

LOGS = 200
"""Approximate number of points of the curve of the training loss."""
CHECKPOINTS = 20
"""Approximate number of checkpoints, of which each replaces the last."""
SHOWN = ("eval_loss", "eval_exact", "eval_f1", "eval_correct", "eval_similar", "eval_incorrect")
SPEED = ("runtime", "samples_per_second", "steps_per_second", "model_preparation_time")
"""Metrics of its own speed, which the Trainer adds to every evaluation."""
PICTURE_SECONDS = 30
"""Shortest time from one picture of the curve to the next, as drawing would slow down quick steps."""

WriteLine = Callable[[str], None]


class Schedule(TrainerCallback):
    """Logging, evaluation and saving by step; a checkpoint is always a point of the curve, so that both resume."""

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
        # A checkpoint is written after the evaluation of its step: a run that is killed between the two and resumed
        # from there would skip the evaluation.
        is_planned = bool(self._steps) and step % self._steps == 0
        if self._evaluates and (is_planned or is_last or _ends_epoch(state)):
            _evaluate_and_save(control)
        # The curve is read back from a checkpoint, which must not be ahead of it.
        control.should_log |= control.should_save
        return control

    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> TrainerControl:
        done = evaluations(state.log_history)
        if self._evaluates and not (done and done[-1]["step"] == state.global_step):
            _evaluate_and_save(control)
            control.should_log = not _is_logged(state)
        return control


def _ends_epoch(state: TrainerState) -> bool:
    """True for the last step of an epoch, at which the Trainer's share of epochs is whole."""
    return state.epoch is not None and state.epoch == round(state.epoch)


class EarlyStopping(TrainerCallback):
    """Stops after `early_stopping_patience` evaluations without a better one."""

    def __init__(self, arguments: FineTuningArguments) -> None:
        self._metric = arguments.early_stopping_metric
        self._patience = arguments.early_stopping_patience

    def on_evaluate(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> TrainerControl:
        if evaluations_since_best(state.log_history, self._metric) >= self._patience:
            control.should_training_stop = True
        return control


class KeptModels(TrainerCallback):
    """Saves the best model, and one for each epoch and evaluation, in folders named as in Simple Transformers."""

    def __init__(self, request: FineTuningRequest) -> None:
        self._request = request
        self._drawn = monotonic()

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        results = plain_metrics(kwargs["metrics"])
        arguments = self._request.arguments
        if evaluations_since_best(state.log_history, arguments.early_stopping_metric) == 0:
            self._keep(self._request.best, kwargs, results)
        if arguments.save_eval_checkpoints:
            self._keep(self._request.out / f"checkpoint-{state.global_step}", kwargs, results)

    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        if self._request.arguments.save_model_every_epoch:
            name = f"checkpoint-{state.global_step}-epoch-{round(state.epoch or 0)}"
            self._keep(self._request.out / name, kwargs, {})

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        write_curve_table(state.log_history, self._request.out)
        if monotonic() - self._drawn >= PICTURE_SECONDS:
            write_curve_picture(state.log_history, self._request.out)
            self._drawn = monotonic()
        drop_checkpoints_before(state.global_step, Path(args.output_dir or ""))

    def _keep(self, folder: Path, held: Mapping[str, Any], results: Mapping[str, float]) -> None:
        replace_model(folder, held["model"], held["processing_class"], self._request.model_args())
        if results:
            write_results(folder, results)


class ProgressLines(TrainerCallback):
    """Writes a line for each point of the curve."""

    def __init__(self, write_line: WriteLine) -> None:
        self._write_line = write_line
        self._started = (0.0, 0)

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        self._started = (monotonic(), state.global_step)

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Raises DespliegueError if the loss is not finite any more."""
        logs: Mapping[str, float] = kwargs["logs"]
        if "loss" in logs:
            if not math.isfinite(logs["loss"]):
                raise DespliegueError(f"the loss is {logs['loss']} at step {state.global_step}: lower learning_rate")
            place = f"step {state.global_step} of {state.max_steps}, epoch {state.epoch or 0:.2f}"
            self._write_line(f"{place}: loss {logs['loss']:.4f}, {self._left(state)}")
        elif "eval_loss" in logs:
            shown = "  ".join(f"{name.removeprefix(EVALUATED)} {logs[name]:.6g}" for name in SHOWN if name in logs)
            self._write_line(f"evaluated at step {state.global_step}: {shown}")

    def _left(self, state: TrainerState) -> str:
        since, first = self._started
        done, left = state.global_step - first, state.max_steps - state.global_step
        return f"{duration((monotonic() - since) / max(done, 1) * left)} left"


def plain_metrics(metrics: Mapping[str, float]) -> dict[str, float]:
    """Metrics of an evaluation under their own names, without the Trainer's speed."""
    own = {name.removeprefix(EVALUATED): value for name, value in metrics.items() if name.startswith(EVALUATED)}
    kept = {name: value for name, value in own.items() if name not in SPEED}
    return {"eval_loss" if name == "loss" else name: value for name, value in kept.items()}


def evaluations_since_best(history: list[dict[str, float]], metric: str) -> int:
    """Number of evaluations after the best one, which is the first if several are equal.

    It is counted from the history alone, so that a resumed run continues to count.
    """
    name = EVALUATED + metric.removeprefix(EVALUATED)
    values = [entry[name] * (-1 if LOWER_IS_BETTER[metric] else 1) for entry in evaluations(history)]
    return len(values) - 1 - values.index(max(values))


def duration(seconds: float) -> str:
    """Time in its two largest units."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _evaluate_and_save(control: TrainerControl) -> None:
    """The choice of the best model must not depend on what happens after the last checkpoint."""
    control.should_evaluate = True
    control.should_save = True


def _is_logged(state: TrainerState) -> bool:
    return any(entry["step"] == state.global_step and "loss" in entry for entry in state.log_history)
