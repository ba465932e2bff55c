"""Trainer of transformers, set up as the arguments ask, and the services that it reports to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from torch.optim import AdamW, Optimizer
from transformers import (
    Adafactor,
    EvalPrediction,
    PrinterCallback,
    SchedulerType,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from functions.predictors.predictions import Floats
from model_export.checkpoints.logits import has_types
from model_export.fine_tuning.arguments import FineTuningArguments, Scheduler
from model_export.fine_tuning.beginning_notes import BeginningNotes
from model_export.fine_tuning.callbacks import EarlyStopping, KeptModels, ProgressLines, Schedule, WriteLine
from model_export.fine_tuning.checkpoint_folders import BaseCheckpoint
from model_export.fine_tuning.evaluation_results import Evaluation, StartAndEndLogits
from model_export.fine_tuning.run import FineTuningRequest, FineTuningRun
from model_export.fine_tuning.window_dataset import Padding, WindowDataset

SCHEDULERS: Mapping[Scheduler, SchedulerType] = {
    "linear_schedule_with_warmup": SchedulerType.LINEAR,
    "constant_schedule": SchedulerType.CONSTANT,
    "constant_schedule_with_warmup": SchedulerType.CONSTANT_WITH_WARMUP,
    "cosine_schedule_with_warmup": SchedulerType.COSINE,
    "cosine_with_hard_restarts_schedule_with_warmup": SchedulerType.COSINE_WITH_RESTARTS,
    "polynomial_decay_schedule_with_warmup": SchedulerType.POLYNOMIAL,
}
NO_LOGITS = ["past_key_values", "hidden_states", "attentions", "global_attentions", "pooler_output"]
"""Outputs of models that some configurations ask for, and which an evaluation leaves on the device."""


def make_trainer(
    request: FineTuningRequest,
    run: FineTuningRun,
    base: BaseCheckpoint,
    train: WindowDataset,
    evaluation: Evaluation | None,
    reporters: Sequence[str],
    write_line: WriteLine,
) -> Trainer:
    """A Trainer of the model of `base` on `train`, which evaluates on `evaluation` where the arguments ask for it."""
    trainer: Trainer = Trainer(
        model=base.model,
        args=_training_arguments(request.arguments, run, reporters),
        data_collator=Padding(base.tokenizer.pad_token_id, has_types(base.model)),
        train_dataset=train,
        eval_dataset=evaluation.dataset if evaluation else None,
        processing_class=base.tokenizer,
        compute_metrics=_metrics_of(evaluation) if evaluation else None,
        callbacks=_callbacks(request, base, train, write_line),
        optimizer_cls_and_kwargs=_optimizer(request.arguments),
    )
    trainer.remove_callback(PrinterCallback)  # type: ignore[no-untyped-call]
    return trainer


def start_and_end(predictions: Any) -> StartAndEndLogits:
    """The predictions of the Trainer, scores [B, S] of starts and of ends for each batch, as those of all windows."""
    batches: Sequence[tuple[Floats, Floats]] = predictions
    longest = max(start.shape[1] for start, _ in batches)
    logits = np.zeros((2, sum(len(start) for start, _ in batches), longest), dtype=np.float32)
    first = 0
    for start, end in batches:
        logits[:, first : first + len(start), : start.shape[1]] = start, end
        first += len(start)
    return logits[0], logits[1]


def half_precision(arguments: FineTuningArguments, *, has_gpu: bool) -> tuple[bool, bool]:
    """Whether to train in bf16, and in fp16; false for `fp16` means float32, as in Simple Transformers."""
    # A GPU without bf16 emulates it, which is slower than float32.
    chosen = has_gpu and arguments.fp16 is None and torch.cuda.is_bf16_supported(including_emulation=False)
    return chosen if arguments.bf16 is None else arguments.bf16, bool(arguments.fp16) and has_gpu


def _optimizer(arguments: FineTuningArguments) -> tuple[type[Optimizer], dict[str, Any]]:
    """The class of the optimiser, and its arguments; the Trainer leaves biases and norms out of the weight decay."""
    if arguments.optimizer == "Adafactor":
        return Adafactor, {
            "lr": arguments.learning_rate,
            "eps": arguments.adafactor_eps,
            "clip_threshold": arguments.adafactor_clip_threshold,
            "decay_rate": arguments.adafactor_decay_rate,
            "beta1": arguments.adafactor_beta1,
            "scale_parameter": arguments.adafactor_scale_parameter,
            "relative_step": False,
        }
    return AdamW, {"lr": arguments.learning_rate, "betas": arguments.adam_betas, "eps": arguments.adam_epsilon}


def _scheduler_settings(arguments: FineTuningArguments) -> dict[str, Any]:
    """Arguments of the chosen scheduler alone."""
    if "cosine" in arguments.scheduler:
        return {"num_cycles": arguments.cosine_schedule_num_cycles}
    if "polynomial" in arguments.scheduler:
        return {
            "lr_end": arguments.polynomial_decay_schedule_lr_end,
            "power": arguments.polynomial_decay_schedule_power,
        }
    return {}


@contextmanager
def open_reporters(arguments: FineTuningArguments) -> Iterator[list[str]]:
    """Services that the Trainer reports to while the context is open: Weights & Biases for those who name a project.

    wandb decides whether it logs offline: WANDB_MODE=offline, or mode in `wandb_kwargs`.
    """
    if arguments.wandb_project is None:
        yield []
        return
    import wandb

    run = wandb.init(project=arguments.wandb_project, **{"config": asdict(arguments), **arguments.wandb_kwargs})
    try:
        yield ["wandb"]
    finally:
        run.finish()


def _callbacks(
    request: FineTuningRequest, base: BaseCheckpoint, train: WindowDataset, write_line: WriteLine
) -> list[TrainerCallback]:
    arguments = request.arguments
    notes = BeginningNotes(arguments, request.train, train, write_line)
    stopping = [EarlyStopping(arguments, write_line)] if arguments.use_early_stopping else []
    kept = KeptModels(request, is_fresh=base.is_fresh)
    return [notes, Schedule(arguments), *stopping, kept, ProgressLines(write_line)]


def _training_arguments(
    arguments: FineTuningArguments, run: FineTuningRun, reporters: Sequence[str]
) -> TrainingArguments:
    has_gpu = arguments.n_gpu > 0 and torch.cuda.is_available()
    # Simple Transformers counts a batch over all GPUs, the Trainer on each one.
    gpus = arguments.n_gpu if has_gpu else 1
    bf16, fp16 = half_precision(arguments, has_gpu=has_gpu)
    settings = TrainingArguments(
        output_dir=str(run.folder),
        num_train_epochs=arguments.num_train_epochs,
        per_device_train_batch_size=arguments.train_batch_size // gpus,
        per_device_eval_batch_size=arguments.eval_batch_size // gpus,
        gradient_accumulation_steps=arguments.gradient_accumulation_steps,
        learning_rate=arguments.learning_rate,
        lr_scheduler_type=SCHEDULERS[arguments.scheduler],
        lr_scheduler_kwargs=_scheduler_settings(arguments),
        warmup_ratio=arguments.warmup_ratio,
        warmup_steps=arguments.warmup_steps,
        weight_decay=arguments.weight_decay,
        # Adafactor clips by itself.
        max_grad_norm=arguments.max_grad_norm if arguments.optimizer == "AdamW" else 0.0,
        seed=run.seed,
        use_cpu=not has_gpu,
        bf16=bf16,
        fp16=fp16,
        # The callback Schedule decides when to log, evaluate and save.
        logging_strategy="no",
        eval_strategy="no",
        save_strategy="no",
        logging_nan_inf_filter=False,  # a loss that is not finite must be seen: ProgressLines stops at it
        report_to=list(reporters),
        disable_tqdm=True,
        dataloader_pin_memory=has_gpu,
        dataloader_num_workers=arguments.dataloader_num_workers,
        remove_unused_columns=False,
        eval_do_concat_batches=False,  # otherwise each batch of an evaluation copies all before it
    )
    if has_gpu:
        settings._n_gpu = arguments.n_gpu  # otherwise the Trainer takes every GPU of the machine
    return settings


def _metrics_of(evaluation: Evaluation) -> Any:
    def metrics(prediction: EvalPrediction) -> dict[str, float]:
        return evaluation.metrics(start_and_end(prediction.predictions))

    return metrics
