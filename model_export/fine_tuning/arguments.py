"""Arguments of a fine-tuning, under the names and with the meaning that Simple Transformers gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LOWER_IS_BETTER: Mapping[str, bool] = {
    "eval_loss": True,
    "correct": False,
    "similar": False,
    "incorrect": True,
    "exact": False,
    "f1": False,
}
"""The metrics that an evaluation computes, by name, and whether a smaller one is better."""


@dataclass(frozen=True, slots=True)
class FineTuningArguments:
    """The defaults are those that Simple Transformers has for question answering.

    Lengths count tokens. `doc_stride` is the step from the start of one window over a long context to the start of the
    next, not their overlap; where the model answers, windows share what they do with the longest question.
    `learning_rate` is the highest, reached after `warmup_ratio` of all steps, from where it falls in a line to 0.
    `evaluate_during_training` evaluates at the end of each epoch, and within it after each
    `evaluate_during_training_steps` optimiser steps if that is above 0. `early_stopping_patience` counts evaluations
    without a better `early_stopping_metric`, by which the model in `best_model_dir` is chosen too. Of `fp16` and `bf16`
    None leaves the choice to the machine. `config` overrides the model's configuration.
    """

    max_seq_length: int = 128
    doc_stride: int = 384
    max_query_length: int = 64
    max_answer_length: int = 100
    n_best_size: int = 20
    num_train_epochs: int = 1
    train_batch_size: int = 8
    eval_batch_size: int = 8
    gradient_accumulation_steps: int = 1
    learning_rate: float = 4e-5
    warmup_ratio: float = 0.06
    weight_decay: float = 0.0
    manual_seed: int | None = None
    n_gpu: int = 1
    fp16: bool | None = None
    bf16: bool | None = None
    use_multiprocessing: bool = True
    evaluate_during_training: bool = False
    evaluate_during_training_steps: int = 2000
    use_early_stopping: bool = False
    early_stopping_metric: str = "correct"
    early_stopping_metric_minimize: bool = False
    early_stopping_patience: int = 3
    save_model_every_epoch: bool = True
    save_eval_checkpoints: bool = True
    reprocess_input_data: bool = True
    use_cached_eval_features: bool = False
    overwrite_output_dir: bool = False
    output_dir: str = "outputs/"
    best_model_dir: str = "outputs/best_model"
    wandb_project: str | None = None
    wandb_kwargs: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
