"""Evaluations of a run, from its log: which of them were improvements, and how many brought none."""

from __future__ import annotations

import math
from collections.abc import Iterator

from model_export.fine_tuning.arguments import LOWER_IS_BETTER, FineTuningArguments
from model_export.fine_tuning.curve import EVALUATED, LogHistory, evaluations

# All of it is counted from the log alone, so that a resumed run continues to count.


def is_improvement(history: LogHistory, arguments: FineTuningArguments) -> bool:
    """True if the last evaluation is better than the best before by more than `early_stopping_delta`."""
    return list(_improvements(history, arguments))[-1]


def evaluations_without_improvement(history: LogHistory, arguments: FineTuningArguments) -> int:
    """Number of evaluations after the last improvement that count for `early_stopping_patience`."""
    count = 0
    for entry, is_better in zip(evaluations(history), _improvements(history, arguments), strict=True):
        count = 0 if is_better else count + _counts(int(entry["step"]), arguments)
    return count


def _improvements(history: LogHistory, arguments: FineTuningArguments) -> Iterator[bool]:
    """For each evaluation whether it was an improvement, as the first always is."""
    metric = arguments.early_stopping_metric
    sign = -1 if LOWER_IS_BETTER[metric] else 1
    best = math.nan
    for entry in evaluations(history):
        value = sign * entry[EVALUATED + metric.removeprefix(EVALUATED)]
        is_better = math.isnan(best) or value > best + arguments.early_stopping_delta
        best = value if is_better else best
        yield is_better


def _counts(step: int, arguments: FineTuningArguments) -> bool:
    """False for an evaluation that only the end of an epoch asked for, unless such ones are considered."""
    steps = arguments.evaluate_during_training_steps
    return arguments.early_stopping_consider_epochs or (steps > 0 and step % steps == 0)
