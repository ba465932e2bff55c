"""What a training keeps on its way: the best model, that of each epoch, and that of each evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from model_export.fine_tuning.curve import EVALUATED, write_curve
from model_export.fine_tuning.evaluating import write_results
from model_export.fine_tuning.order import FineTuning
from model_export.fine_tuning.rhythm import evaluations_since_best
from model_export.fine_tuning.saving import replace_model
from model_export.fine_tuning.unfinished import drop_checkpoints_before


class Keeping(TrainerCallback):
    """Folders have the names that Simple Transformers gives them."""

    def __init__(self, order: FineTuning) -> None:
        self._order = order

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        results = plain_metrics(kwargs["metrics"])
        arguments = self._order.arguments
        if evaluations_since_best(state.log_history, arguments.early_stopping_metric) == 0:
            self._keep(self._order.best, kwargs, results)
        if arguments.save_eval_checkpoints:
            self._keep(self._order.out / f"checkpoint-{state.global_step}", kwargs, results)

    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        if self._order.arguments.save_model_every_epoch:
            name = f"checkpoint-{state.global_step}-epoch-{round(state.epoch or 0)}"
            self._keep(self._order.out / name, kwargs, {})

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        write_curve(state.log_history, self._order.out)
        drop_checkpoints_before(state.global_step, Path(args.output_dir or ""))

    def _keep(self, folder: Path, held: Mapping[str, Any], results: Mapping[str, float]) -> None:
        replace_model(folder, held["model"], held["processing_class"], self._order)
        if results:
            write_results(folder, results)


def plain_metrics(metrics: Mapping[str, float]) -> dict[str, float]:
    """Under their own names, without what the Trainer adds of its speed."""
    speed = ("runtime", "samples_per_second", "steps_per_second", "model_preparation_time")
    found = {name.removeprefix(EVALUATED): value for name, value in metrics.items() if name.startswith(EVALUATED)}
    kept = {name: value for name, value in found.items() if name not in speed}
    return {"eval_loss" if name == "loss" else name: value for name, value in kept.items()}
