"""Fine-tuning a question-answering model with transformers' own Trainer."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from transformers import EvalPrediction, PrinterCallback, Trainer, TrainingArguments

from functions.core.errors import Fault, InvalidInputError
from model_export.fine_tuning.arguments import FineTuningArguments
from model_export.fine_tuning.curve import write_curve
from model_export.fine_tuning.evaluating import Evaluation, Logits, write_results
from model_export.fine_tuning.features import Cutting, Features, Padding
from model_export.fine_tuning.keeping import Keeping, plain_metrics
from model_export.fine_tuning.order import FineTuning
from model_export.fine_tuning.progress import Progress, Tell, on_standard_error
from model_export.fine_tuning.rhythm import EarlyStopping, Rhythm
from model_export.fine_tuning.saving import save_model
from model_export.fine_tuning.starting import Start, start_from
from model_export.fine_tuning.tokenizing import CACHE, Tokenizing
from model_export.fine_tuning.unfinished import Run, open_run
from model_export.fine_tuning.weights_and_biases import logged, refuse_absent


@dataclass(frozen=True, slots=True)
class Result:
    """`metrics` are those of the model in `folder`, the last one; empty without test questions.

    `best` is the folder of the best one, where there were evaluations on the way.
    """

    folder: Path
    best: Path | None
    steps: int
    metrics: Mapping[str, float]


def fine_tune(order: FineTuning, tell: Tell = on_standard_error) -> Result:
    """Raises CheckpointError for a base or an output folder that does not do, InvalidInputError for questions."""
    arguments = order.arguments
    refuse_absent(arguments)
    run = open_run(order)
    start = start_from(order.base, arguments.config, run.seed, trust_pickle=order.trust_pickle)
    _refuse_long(arguments, start)
    train, evaluation = _read(order, start)
    run.begin(order)
    tell(_beginning(order, run, start, len(train)))
    with logged(arguments) as reporters:
        trainer = _trainer(order, run, start, train, evaluation, reporters, tell)
        trainer.train(resume_from_checkpoint=str(run.checkpoint) if run.checkpoint else None)
        save_model(order.out, trainer.model, start.tokenizer, order)
        metrics = _evaluated(trainer, evaluation, order.out) if evaluation else {}
    write_curve(trainer.state.log_history, order.out)
    run.end()
    result = Result(
        order.out,
        order.best if arguments.evaluate_during_training else None,
        trainer.state.global_step,
        metrics,
    )
    tell(_end(result, arguments.early_stopping_metric))
    return result


def _refuse_long(arguments: FineTuningArguments, start: Start) -> None:
    if arguments.max_seq_length > start.max_length:
        message = f"is {arguments.max_seq_length}, and the model takes {start.max_length} tokens: set that or less"
        raise InvalidInputError([Fault(("max_seq_length",), message, "length")])


def _read(order: FineTuning, start: Start) -> tuple[Features, Evaluation | None]:
    arguments = order.arguments
    cutting = Cutting(arguments.max_seq_length, arguments.doc_stride, arguments.max_query_length)
    is_cached = not arguments.reprocess_input_data
    train = Features(order.train, _tokenizing(order, start, is_cached=is_cached), cutting)
    if not order.test:
        return train, None
    is_cached = is_cached or arguments.use_cached_eval_features
    return train, Evaluation(
        order.test,
        Features(order.test, _tokenizing(order, start, is_cached=is_cached), replace(cutting, as_served=True)),
        arguments.max_answer_length,
        arguments.n_best_size,
        has_impossible=order.has_impossible,
    )


def _tokenizing(order: FineTuning, start: Start, *, is_cached: bool) -> Tokenizing:
    cache = order.out / CACHE if is_cached else None
    return Tokenizing(start.served_tokenizer, order.arguments.use_multiprocessing, cache)


def _beginning(order: FineTuning, run: Run, start: Start, windows: int) -> str:
    weights = sum(weight.numel() for weight in start.model.parameters())
    kind = f"{'fresh' if start.is_fresh else 'trained'} weights ({weights})"
    place = f"from {run.checkpoint.name}" if run.checkpoint else "from the beginning"
    return f"{order.base}: {kind}, {len(order.train)} questions in {windows} windows, seed {run.seed}, {place}"


def _end(result: Result, metric: str) -> str:
    best = f", the one that was best by {metric} in {result.best}" if result.best else ""
    return f"{result.folder} holds the model of step {result.steps}{best}: `despliegue export-qa` serves it"


def _trainer(
    order: FineTuning,
    run: Run,
    start: Start,
    train: Features,
    evaluation: Evaluation | None,
    reporters: list[str],
    tell: Tell,
) -> Trainer:
    arguments = order.arguments
    callbacks = [Rhythm(arguments), *([EarlyStopping(arguments)] if arguments.use_early_stopping else [])]
    trainer: Trainer = Trainer(
        model=start.model,
        args=_settings(arguments, run, reporters),
        data_collator=Padding(start.tokenizer.pad_token_id, _takes_types(start.model)),
        train_dataset=train,
        eval_dataset=evaluation.features if evaluation else None,
        processing_class=start.tokenizer,
        compute_metrics=_measured(evaluation) if evaluation else None,
        callbacks=[*callbacks, Keeping(order), Progress(tell)],
    )
    trainer.remove_callback(PrinterCallback)  # type: ignore[no-untyped-call]
    return trainer


def _settings(arguments: FineTuningArguments, run: Run, reporters: list[str]) -> TrainingArguments:
    has_gpu = arguments.n_gpu > 0 and torch.cuda.is_available()
    gpus = arguments.n_gpu if has_gpu else 1
    # an emulated bf16 is slower than float32
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
        logging_strategy="no",  # of all these Rhythm decides
        eval_strategy="no",
        save_strategy="no",
        logging_nan_inf_filter=False,
        report_to=reporters,
        disable_tqdm=True,
        dataloader_pin_memory=has_gpu,
        remove_unused_columns=False,
    )
    if has_gpu:
        settings._n_gpu = arguments.n_gpu  # else the Trainer takes all that there are
    return settings


def _takes_types(model: Any) -> bool:
    return "token_type_ids" in inspect.signature(model.forward).parameters


def _measured(evaluation: Evaluation) -> Any:
    def measured(prediction: EvalPrediction) -> dict[str, float]:
        return evaluation.metrics(_logits(prediction.predictions))

    return measured


def _evaluated(trainer: Trainer, evaluation: Evaluation, out: Path) -> dict[str, float]:
    """The metrics of the model as it is; they are written with its answers."""
    output = trainer.predict(evaluation.features, metric_key_prefix="eval")
    metrics = plain_metrics(output.metrics or {})
    write_results(out, metrics)
    evaluation.write(out, _logits(output.predictions))
    return metrics


def _logits(predictions: Any) -> Logits:
    start, end = predictions
    return start, end
