"""Trainer of transformers, set up as the arguments ask, and the services that it reports to."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import torch
from transformers import EvalPrediction, PrinterCallback, Trainer, TrainerCallback, TrainingArguments

from model_export.fine_tuning.arguments import FineTuningArguments
from model_export.fine_tuning.callbacks import EarlyStopping, KeptModels, ProgressLines, Schedule, WriteLine
from model_export.fine_tuning.checkpoint_folders import BaseCheckpoint
from model_export.fine_tuning.evaluation_results import Evaluation, StartAndEndLogits
from model_export.fine_tuning.run import FineTuningRequest, FineTuningRun
from model_export.fine_tuning.window_dataset import Padding, WindowDataset

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
        data_collator=Padding(base.tokenizer.pad_token_id, _takes_types(base.model)),
        train_dataset=train,
        eval_dataset=evaluation.dataset if evaluation else None,
        processing_class=base.tokenizer,
        compute_metrics=_metrics_of(evaluation) if evaluation else None,
        callbacks=_callbacks(request, write_line),
    )
    trainer.remove_callback(PrinterCallback)  # type: ignore[no-untyped-call]
    return trainer


def start_and_end(predictions: Any) -> StartAndEndLogits:
    """The predictions of the Trainer as logits of starts and ends."""
    start, end = predictions
    return start, end


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


def _callbacks(request: FineTuningRequest, write_line: WriteLine) -> list[TrainerCallback]:
    arguments = request.arguments
    stopping = [EarlyStopping(arguments)] if arguments.use_early_stopping else []
    return [Schedule(arguments), *stopping, KeptModels(request), ProgressLines(write_line)]


def _training_arguments(
    arguments: FineTuningArguments, run: FineTuningRun, reporters: Sequence[str]
) -> TrainingArguments:
    has_gpu = arguments.n_gpu > 0 and torch.cuda.is_available()
    # Simple Transformers counts a batch over all GPUs, the Trainer on each one.
    gpus = arguments.n_gpu if has_gpu else 1
    # A GPU without bf16 emulates it, which is slower than float32.
    chosen = has_gpu and not arguments.fp16 and torch.cuda.is_bf16_supported(including_emulation=False)
    settings = TrainingArguments(
        output_dir=str(run.folder),
        num_train_epochs=arguments.num_train_epochs,
        per_device_train_batch_size=arguments.train_batch_size // gpus,
        per_device_eval_batch_size=arguments.eval_batch_size // gpus,
        gradient_accumulation_steps=arguments.gradient_accumulation_steps,
        learning_rate=arguments.learning_rate,
        warmup_ratio=arguments.warmup_ratio,
        weight_decay=arguments.weight_decay,
        optim="adamw_torch",
        seed=run.seed,
        use_cpu=not has_gpu,
        bf16=chosen if arguments.bf16 is None else arguments.bf16,
        fp16=bool(arguments.fp16),
        # The callback Schedule decides when to log, evaluate and save.
        logging_strategy="no",
        eval_strategy="no",
        save_strategy="no",
        logging_nan_inf_filter=False,  # a loss that is not finite must be seen: ProgressLines stops at it
        report_to=list(reporters),
        disable_tqdm=True,
        dataloader_pin_memory=has_gpu,
        remove_unused_columns=False,
    )
    if has_gpu:
        settings._n_gpu = arguments.n_gpu  # otherwise the Trainer takes every GPU of the machine
    return settings


def _takes_types(model: Any) -> bool:
    return "token_type_ids" in inspect.signature(model.forward).parameters


def _metrics_of(evaluation: Evaluation) -> Any:
    def metrics(prediction: EvalPrediction) -> dict[str, float]:
        return evaluation.metrics(start_and_end(prediction.predictions))

    return metrics
