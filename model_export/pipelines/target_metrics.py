"""Metrics of a model of one or several targets: those of each target, and their means.

The mean of a metric is over the targets for which it is defined, each with the same weight, as scikit-learn averages
with `multioutput="uniform_average"` and `average="macro"`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.metrics import f1_score

from functions.core.schema import Table
from model_export.pipelines.guessing import lost_to_guessing
from model_export.pipelines.metrics import MetricValues, Scored, measure, performance, rows_by_slice

ScoredTargets = Mapping[str, Scored]
"""True values and predictions of each target, by its name, of the same rows."""


def measure_targets(scored: ScoredTargets) -> MetricValues:
    """The metrics of one target; of several the means of theirs.

    Several targets of labels have subset_accuracy too, the share of rows with every label right, hamming_loss, the
    share of wrong labels, and f1_micro, if each target has two labels: the f1 of all their second labels together.
    """
    if len(scored) == 1:
        (one,) = scored.values()
        return measure(one)
    each = [measure(one) for one in scored.values()]
    names = dict.fromkeys(name for found in each for name in found)
    means = {name: float(np.mean([found[name] for found in each if name in found])) for name in names}
    return {**means, **_of_labels(list(scored.values()))}


def target_performance(scored: ScoredTargets, table: Table, slices: Sequence[str]) -> dict[str, Any]:
    """Metrics overall, by class and by slice; of several targets also by target, and the classes of each target."""
    if len(scored) == 1:
        (one,) = scored.values()
        return performance(one, table, slices)
    by_target = {name: performance(one, table, ()) for name, one in scored.items()}
    by_class = {name: found["class"] for name, found in by_target.items() if found["class"]}
    return {
        "overall": _with_rows(scored),
        "targets": {name: found["overall"] for name, found in by_target.items()},
        "class": by_class,
        "slices": {name: _with_rows(_of_rows(scored, rows)) for name, rows in rows_by_slice(table, slices).items()},
    }


def lost_targets(scored: ScoredTargets) -> str:
    """The objection against a model that is no better than guessing; of several targets with the names of those."""
    lost = {name: reason for name, one in scored.items() if (reason := lost_to_guessing(one))}
    if len(scored) == 1:
        return "".join(lost.values())
    return "; ".join(f"{name}: {reason}" for name, reason in lost.items())


def _of_labels(scored: Sequence[Scored]) -> MetricValues:
    first = scored[0]
    if not first.labels or not len(first.truth):
        return {}
    truth, predicted = (
        np.column_stack(columns) for columns in ([one.truth for one in scored], [one.predicted for one in scored])
    )
    wrong = truth != predicted
    found = {"subset_accuracy": float((~wrong.any(axis=1)).mean()), "hamming_loss": float(wrong.mean())}
    if all(len(one.labels) == 2 for one in scored):
        found["f1_micro"] = float(f1_score(truth, predicted, average="micro", zero_division=0))
    return found


def _with_rows(scored: ScoredTargets) -> dict[str, float]:
    return {**measure_targets(scored), "rows": len(next(iter(scored.values())).truth)}


def _of_rows(scored: ScoredTargets, rows: Any) -> dict[str, Scored]:
    return {name: one.of(rows) for name, one in scored.items()}
