"""Callbacks of the Trainer: when it logs, evaluates, saves and stops, which models it keeps, and what it prints."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from functions.core.errors import DespliegueError
from model_export.fine_tuning.arguments import FineTuningArguments
from model_export.fine_tuning.checkpoint_folders import replace_model
from model_export.fine_tuning.curve import EVALUATED, write_curve_picture, write_curve_table
from model_export.fine_tuning.evaluation_history import evaluations_without_improvement, is_improvement
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
        self._arguments = arguments

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> TrainerControl:
        step, is_last = state.global_step, state.global_step >= state.max_steps
        control.should_evaluate = self._evaluates_at(state)
        # A checkpoint is written after the evaluation of its step: a run that is killed between the two and resumed
        # from there would skip the evaluation. With it the choice of the best model is safe.
        control.should_save = (
            is_last
            or control.should_evaluate
            or step % math.ceil(state.max_steps / CHECKPOINTS) == 0
            or is_kept_at(step, self._arguments)
        )
        # The curve is read back from a checkpoint, which must not be ahead of it.
        control.should_log = control.should_save or self._logs_at(state)
        return control

    def _evaluates_at(self, state: TrainerState) -> bool:
        arguments = self._arguments
        if not arguments.evaluate_during_training:
            return False
        is_planned = is_multiple(state.global_step, arguments.evaluate_during_training_steps)
        return is_planned or (arguments.evaluate_each_epoch and ends_epoch(state))

    def _logs_at(self, state: TrainerState) -> bool:
        asked = self._arguments.logging_steps
        return is_multiple(state.global_step, math.ceil(state.max_steps / LOGS) if asked is None else asked)


def is_multiple(step: int, steps: int) -> bool:
    """True for each of so many steps; never where that is 0 or less."""
    return steps > 0 and step % steps == 0


def is_kept_at(step: int, arguments: FineTuningArguments) -> bool:
    """True if `save_steps` asks for the model of a step."""
    return is_multiple(step, arguments.save_steps)


def ends_epoch(state: TrainerState) -> bool:
    """True for the last step of an epoch, at which the Trainer's share of epochs is whole."""
    return state.epoch is not None and state.epoch == round(state.epoch)


class EarlyStopping(TrainerCallback):
    """Stops after `early_stopping_patience` evaluations without an improvement."""

    def __init__(self, arguments: FineTuningArguments, write_line: WriteLine) -> None:
        self._arguments = arguments
        self._write_line = write_line

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        steps = self._arguments.evaluate_during_training_steps
        if steps > state.max_steps and not self._arguments.early_stopping_consider_epochs:
            self._write_line(
                f"note: nothing will stop this training of {state.max_steps} steps early: it is shorter than "
                f"evaluate_during_training_steps {steps}, and early_stopping_consider_epochs is false"
            )

    def on_evaluate(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> TrainerControl:
        done = evaluations_without_improvement(state.log_history, self._arguments)
        if done >= self._arguments.early_stopping_patience:
            control.should_training_stop = True
            # From a checkpoint of this step a resumed run would train on, as the Trainer forgets why it stopped.
            control.should_save = False
        return control


class KeptModels(TrainerCallback):
    """Saves the best model, and those of steps, evaluations and epochs, in folders named as in Simple Transformers.

    Each is written before the checkpoint of its step, so that a run which is killed and resumed has all of them. With
    `is_fresh` the training began with random weights.
    """

    def __init__(self, request: FineTuningRequest, *, is_fresh: bool) -> None:
        self._request = request
        self._model_args = request.model_args(is_fresh=is_fresh)
        self._drawn = monotonic()

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        arguments, out = self._request.arguments, self._request.out
        is_kept_later = control.should_evaluate and arguments.save_eval_checkpoints
        if is_kept_at(state.global_step, arguments) and not is_kept_later:
            self._keep(out / f"checkpoint-{state.global_step}", kwargs, {})
        if arguments.save_model_every_epoch and ends_epoch(state):
            self._keep(out / f"checkpoint-{state.global_step}-epoch-{round(state.epoch or 0)}", kwargs, {})

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        results = plain_metrics(kwargs["metrics"])
        arguments = self._request.arguments
        if arguments.save_best_model and is_improvement(state.log_history, arguments):
            self._keep(self._request.best, kwargs, results)
        if arguments.save_eval_checkpoints:
            self._keep(self._request.out / f"checkpoint-{state.global_step}", kwargs, results)

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        write_curve_table(state.log_history, self._request.out)
        if monotonic() - self._drawn >= PICTURE_SECONDS:
            write_curve_picture(state.log_history, self._request.out)
            self._drawn = monotonic()
        drop_checkpoints_before(state.global_step, Path(args.output_dir or ""))

    def _keep(self, folder: Path, held: Mapping[str, Any], results: Mapping[str, float]) -> None:
        replace_model(folder, held["model"], held["processing_class"], self._model_args, results)


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


def duration(seconds: float) -> str:
    """Time in its two largest units."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
