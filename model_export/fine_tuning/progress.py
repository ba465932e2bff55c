"""How far a training is, and how long it will still take."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from functions.core.errors import DespliegueError

Tell = Callable[[str], None]
SHOWN = ("eval_loss", "eval_exact", "eval_f1", "eval_correct", "eval_similar", "eval_incorrect")


def on_standard_error(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


class Progress(TrainerCallback):
    """A line for each point of the curve."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._started = (0.0, 0)

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        self._started = (monotonic(), state.global_step)

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Raises DespliegueError where the loss is no number any more."""
        logs: Mapping[str, float] = kwargs["logs"]
        if "loss" in logs:
            if not math.isfinite(logs["loss"]):
                raise DespliegueError(f"the loss is {logs['loss']} at step {state.global_step}: lower learning_rate")
            place = f"step {state.global_step} of {state.max_steps}, epoch {state.epoch or 0:.2f}"
            self._tell(f"{place}: loss {logs['loss']:.4f}, {self._left(state)}")
        elif "eval_loss" in logs:
            shown = "  ".join(f"{name.removeprefix('eval_')} {logs[name]:.6g}" for name in SHOWN if name in logs)
            self._tell(f"evaluated at step {state.global_step}: {shown}")

    def _left(self, state: TrainerState) -> str:
        since, first = self._started
        done, left = state.global_step - first, state.max_steps - state.global_step
        return f"{duration((monotonic() - since) / max(done, 1) * left)} left"


def duration(seconds: float) -> str:
    """In the two largest units."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
