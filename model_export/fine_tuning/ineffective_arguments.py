"""Arguments that have no effect next to the others, each with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from model_export.fine_tuning.arguments import FineTuningArguments

WITHOUT_EFFECT: Mapping[str, tuple[str, ...]] = {
    "evaluate_during_training": (
        "evaluate_during_training_steps",
        "early_stopping_metric",
        "early_stopping_metric_minimize",
        "early_stopping_delta",
        "save_eval_checkpoints",
        "use_cached_eval_features",
    ),
    "use_early_stopping": ("early_stopping_patience", "early_stopping_consider_epochs"),
    "save_best_model": ("best_model_dir",),
    "evaluate_each_epoch": ("early_stopping_consider_epochs",),
}
"""Arguments that have an effect only where another one, the key, is true."""
OF_ADAFACTOR = (
    "adafactor_beta1",
    "adafactor_clip_threshold",
    "adafactor_decay_rate",
    "adafactor_eps",
    "adafactor_scale_parameter",
)
OF_ADAMW = ("adam_betas", "adam_epsilon", "max_grad_norm")
OF_COSINES = ("cosine_schedule_num_cycles",)
OF_POLYNOMIAL = ("polynomial_decay_schedule_lr_end", "polynomial_decay_schedule_power")
OF_WARMUP = ("warmup_ratio", "warmup_steps")
NEEDED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "optimizer": {"AdamW": OF_ADAMW, "Adafactor": OF_ADAFACTOR},
    "scheduler": {
        "linear_schedule_with_warmup": OF_WARMUP,
        "constant_schedule": (),
        "constant_schedule_with_warmup": OF_WARMUP,
        "cosine_schedule_with_warmup": OF_WARMUP + OF_COSINES,
        "cosine_with_hard_restarts_schedule_with_warmup": OF_WARMUP + OF_COSINES,
        "polynomial_decay_schedule_with_warmup": OF_WARMUP + OF_POLYNOMIAL,
    },
}
"""By argument: each of its values, and the arguments that have an effect with some of the values, this one included."""


def ineffective(arguments: FineTuningArguments, given: Mapping[str, Any]) -> Iterator[str]:
    """A note for each of the `given` arguments that changes nothing."""
    for switch, names in WITHOUT_EFFECT.items():
        if not getattr(arguments, switch):
            yield from (f"{name} has no effect: {switch} is false" for name in names if given.get(name))
    for chosen, by_value in NEEDED.items():
        value = getattr(arguments, chosen)
        others = sorted({name for names in by_value.values() for name in names} - set(by_value[value]))
        yield from (f"{name} has no effect: {chosen} is {value}" for name in others if name in given)
    if "warmup_ratio" in given and arguments.warmup_steps:
        yield f"warmup_ratio has no effect: warmup_steps is {arguments.warmup_steps}"
    if given.get("no_cache") and arguments.reprocess_input_data and not arguments.use_cached_eval_features:
        yield "no_cache has no effect: nothing is cached by default"
