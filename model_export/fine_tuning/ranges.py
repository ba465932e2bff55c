"""What numbers and names the arguments of a fine-tuning may be, each for itself."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from functions.core.errors import Fault
from model_export.fine_tuning.arguments import LOWER_IS_BETTER, FineTuningArguments

LARGEST_SEED = 2**32 - 1
RANGES: Mapping[str, tuple[float, float]] = {
    "max_seq_length": (1, math.inf),
    "doc_stride": (1, math.inf),
    "max_query_length": (1, math.inf),
    "max_answer_length": (1, math.inf),
    "n_best_size": (1, math.inf),
    "num_train_epochs": (1, math.inf),
    "train_batch_size": (1, math.inf),
    "eval_batch_size": (1, math.inf),
    "gradient_accumulation_steps": (1, math.inf),
    "warmup_ratio": (0, 1),
    "weight_decay": (0, math.inf),
    "manual_seed": (0, LARGEST_SEED),
    "n_gpu": (0, math.inf),
    "evaluate_during_training_steps": (-1, math.inf),
    "early_stopping_patience": (1, math.inf),
}
"""The least and the largest."""


def range_faults(arguments: FineTuningArguments) -> Iterator[Fault]:
    for name, (least, largest) in RANGES.items():
        value = getattr(arguments, name)
        if value is not None and not least <= value <= largest:
            wanted = f"at least {least}" if largest == math.inf else f"from {least} to {largest}"
            yield Fault((name,), f"must be {wanted}, not {value}", "range")
    if arguments.learning_rate <= 0:
        yield Fault(("learning_rate",), f"must be above 0, not {arguments.learning_rate}", "range")
    if arguments.early_stopping_metric not in LOWER_IS_BETTER:
        computed = ", ".join(LOWER_IS_BETTER)
        message = f"{arguments.early_stopping_metric!r} is never computed: choose one of {computed}"
        yield Fault(("early_stopping_metric",), message, "metric")
    for name in ("output_dir", "best_model_dir", "wandb_project"):
        if getattr(arguments, name) == "":
            yield Fault((name,), "must not be empty", "range")
