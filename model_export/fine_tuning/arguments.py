"""Arguments of a fine-tuning, with the names and meanings of Simple Transformers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_type_hints

import msgspec

LOWER_IS_BETTER: Mapping[str, bool] = {
    "eval_loss": True,
    "correct": False,
    "similar": False,
    "incorrect": True,
    "exact": False,
    "f1": False,
}
"""Metrics that an evaluation computes, by name, and whether a lower value is better."""
LARGEST_SEED = 2**32 - 1

Metric = Literal["eval_loss", "correct", "similar", "incorrect", "exact", "f1"]
Optimizer = Literal["AdamW", "Adafactor"]
Scheduler = Literal[
    "linear_schedule_with_warmup",
    "constant_schedule",
    "constant_schedule_with_warmup",
    "cosine_schedule_with_warmup",
    "cosine_with_hard_restarts_schedule_with_warmup",
    "polynomial_decay_schedule_with_warmup",
]
Count = Annotated[int, msgspec.Meta(ge=0)]
AtLeastOne = Annotated[int, msgspec.Meta(ge=1)]
StepsOrNever = Annotated[int, msgspec.Meta(ge=-1)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Positive = Annotated[float, msgspec.Meta(gt=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
BelowOne = Annotated[float, msgspec.Meta(ge=0, lt=1)]
NotEmpty = Annotated[str, msgspec.Meta(min_length=1)]


@dataclass(frozen=True, slots=True)
class FineTuningArguments:
    """Arguments with the defaults of Simple Transformers for question answering, except where None or a note says so.

    Lengths count tokens, steps those of the optimiser. `doc_stride` is the step from the start of one window over a
    long context to the start of the next, not their overlap; where the model answers, windows overlap by as much as
    they do for the longest question. The empty text is the answer where its score exceeds the best other one's by
    more than `null_score_diff_threshold`, in logits.

    `learning_rate` is the peak, reached after `warmup_steps`, or after `warmup_ratio` of all steps if these are 0.
    `max_grad_norm`, which 0 turns off, is for AdamW; Adafactor clips by `adafactor_clip_threshold`.
    `eval_batch_size` is 8, not 100, which a CPU has no memory for.

    `evaluate_during_training` evaluates after each `evaluate_during_training_steps` steps if that is above 0, and with
    `evaluate_each_epoch` at the end of each epoch. An evaluation is an improvement if its `early_stopping_metric` is
    better than the best so far by more than `early_stopping_delta`: it chooses the model in `best_model_dir`.
    `early_stopping_patience` counts evaluations without an improvement; those at the end of an epoch alone count only
    with `early_stopping_consider_epochs`.

    The model is kept in a folder of its own after each `save_steps` steps, if above 0. None for `logging_steps` makes
    about 200 points of the curve. None for both `fp16` and `bf16` leaves the choice to the machine; false for one,
    without the other, asks for float32. `do_lower_case` makes the tokenizer of the base lower-case; false leaves it as
    it is. `config` overrides the model's configuration.
    """

    max_seq_length: AtLeastOne = 128
    doc_stride: AtLeastOne = 384
    max_query_length: AtLeastOne = 64
    max_answer_length: AtLeastOne = 100
    n_best_size: AtLeastOne = 20
    null_score_diff_threshold: float = 0.0
    do_lower_case: bool = False
    num_train_epochs: AtLeastOne = 1
    train_batch_size: AtLeastOne = 8
    eval_batch_size: AtLeastOne = 8
    gradient_accumulation_steps: AtLeastOne = 1
    learning_rate: Positive = 4e-5
    warmup_ratio: Share = 0.06
    warmup_steps: Count = 0
    weight_decay: NotNegative = 0.0
    max_grad_norm: NotNegative = 1.0
    optimizer: Optimizer = "AdamW"
    adam_betas: tuple[BelowOne, BelowOne] = (0.9, 0.999)
    adam_epsilon: Positive = 1e-8
    adafactor_beta1: BelowOne | None = None
    adafactor_clip_threshold: Positive = 1.0
    adafactor_decay_rate: float = -0.8
    adafactor_eps: tuple[NotNegative, NotNegative] = (1e-30, 1e-3)
    adafactor_scale_parameter: bool = True
    scheduler: Scheduler = "linear_schedule_with_warmup"
    cosine_schedule_num_cycles: Positive = 0.5
    polynomial_decay_schedule_lr_end: NotNegative = 1e-7
    polynomial_decay_schedule_power: Positive = 1.0
    manual_seed: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_SEED)] | None = None
    n_gpu: Count = 1
    fp16: bool | None = None
    bf16: bool | None = None
    use_multiprocessing: bool = True
    dataloader_num_workers: Count = 0
    evaluate_during_training: bool = False
    evaluate_during_training_steps: StepsOrNever = 2000
    evaluate_each_epoch: bool = True
    use_early_stopping: bool = False
    early_stopping_metric: Metric = "correct"
    early_stopping_metric_minimize: bool = False
    early_stopping_patience: AtLeastOne = 3
    early_stopping_delta: NotNegative = 0.0
    early_stopping_consider_epochs: bool = False
    logging_steps: Count | None = None
    silent: bool = False
    save_steps: StepsOrNever = 2000
    save_model_every_epoch: bool = True
    save_eval_checkpoints: bool = True
    save_best_model: bool = True
    reprocess_input_data: bool = True
    use_cached_eval_features: bool = False
    no_cache: bool = False
    overwrite_output_dir: bool = False
    output_dir: NotEmpty = "outputs/"
    best_model_dir: NotEmpty = "outputs/best_model"
    wandb_project: NotEmpty | None = None
    wandb_kwargs: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)


TYPES: Mapping[str, Any] = get_type_hints(FineTuningArguments, include_extras=True)
