"""Metrics of predictions: overall, for each class, and for slices of the rows."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn import metrics as sklearn_metrics
from sklearn.exceptions import UndefinedMetricWarning

from functions.core.schema import Table
from functions.core.tasks import SMALLER_IS_BETTER

MetricValues = dict[str, float]
LEAST_SLICE_ROWS = 10
"""A metric of fewer rows says little of the model."""
ROUNDING = 1e-12
"""Two fits of equal quality may differ by so much, in the last bits of a sum."""


@dataclass(frozen=True, slots=True)
class Scored:
    """True values and predictions, row by row.

    `truth` [N] and `predicted` [N] hold label indices (int64) with `labels`, numbers (float64) without;
    `probabilities` [N, labels], or without them `decision` [N, labels], [N, 1] with two labels.
    """

    truth: npt.NDArray[Any]
    predicted: npt.NDArray[Any]
    labels: tuple[str, ...] = ()
    probabilities: npt.NDArray[np.float64] | None = None
    decision: npt.NDArray[np.float64] | None = None

    def of(self, rows: npt.NDArray[Any]) -> Scored:
        """The same for some rows, which are given by number or by a mask."""
        numbers = {"probabilities": self.probabilities, "decision": self.decision}
        chosen = {name: None if array is None else array[rows] for name, array in numbers.items()}
        return Scored(self.truth[rows], self.predicted[rows], self.labels, **chosen)


def measure(scored: Scored) -> MetricValues:
    """rmse, mae, r2; or accuracy, precision, recall, f1, roc_auc, log_loss as scikit-learn defines them.

    A decision has no log_loss.

    With two labels precision, recall and f1 are of the second; with more they are weighted by class, and
    roc_auc is one against the rest. A metric that is not defined for these rows is left out.
    """
    if not len(scored.truth):
        return {}
    values = _classification(scored) if scored.labels else _regression(scored)
    return {name: float(value) for name, value in values.items() if np.isfinite(value)}


def performance(scored: Scored, table: Table, slices: Sequence[str]) -> dict[str, Any]:
    """Metrics `overall`, by `class`, and by `slices`: each value of the named columns that has 10 rows or more."""
    by_value = {name: _with_rows(scored.of(rows)) for name, rows in rows_by_slice(table, slices).items()}
    return {"overall": _with_rows(scored), "class": _by_class(scored), "slices": by_value}


def rows_by_slice(table: Table, slices: Sequence[str]) -> dict[str, npt.NDArray[np.bool_]]:
    """A mask of the rows for each value of the named columns, as column=value, that has 10 rows or more."""
    return {
        f"{name}={value}": rows
        for name in slices
        for value, rows in _rows_by_value(table[name]).items()
        if rows.sum() >= LEAST_SLICE_ROWS
    }


def is_worse(metric: str, challenger: float, champion: float, margin: float) -> bool:
    """True if the challenger falls behind by more than the margin."""
    behind = challenger - champion if metric in SMALLER_IS_BETTER else champion - challenger
    return behind > margin + ROUNDING


def _regression(scored: Scored) -> MetricValues:
    truth, predicted = scored.truth, scored.predicted
    errors = {
        "rmse": sklearn_metrics.root_mean_squared_error(truth, predicted),
        "mae": sklearn_metrics.mean_absolute_error(truth, predicted),
    }
    return {**errors, "r2": sklearn_metrics.r2_score(truth, predicted)} if len(truth) > 1 else errors


def _classification(scored: Scored) -> MetricValues:
    truth, predicted = scored.truth, scored.predicted
    every = list(range(len(scored.labels)))
    binary = len(every) == 2
    average: Any = {"average": "binary", "pos_label": 1} if binary else {"average": "weighted", "labels": every}
    precision, recall, f1, _ = sklearn_metrics.precision_recall_fscore_support(
        truth, predicted, zero_division=0, **average
    )
    return {
        "accuracy": sklearn_metrics.accuracy_score(truth, predicted),
        "precision": precision,
        "recall": recall,
        "f1": f1,
        **(_of_probabilities if scored.decision is None else _of_decision)(scored, every),
    }


def _of_probabilities(scored: Scored, every: list[int]) -> MetricValues:
    assert scored.probabilities is not None  # noqa: S101
    normalised = _normalised(scored.probabilities)
    if len(every) < 2:  # a target that never changed in training has nothing to tell apart
        return {}
    return {
        "roc_auc": _roc_auc(scored.truth, scored.probabilities, every),
        "log_loss": float(sklearn_metrics.log_loss(scored.truth, normalised, labels=every)),
    }


def _of_decision(scored: Scored, every: list[int]) -> MetricValues:
    assert scored.decision is not None  # noqa: S101
    if len(np.unique(scored.truth)) < len(every):
        return {}
    if len(every) == 2:
        return {"roc_auc": float(sklearn_metrics.roc_auc_score(scored.truth, scored.decision[:, 0]))}
    # each label against the rest, weighted by its rows, as for probabilities
    each = scored.truth[:, np.newaxis] == np.array(every)
    return {"roc_auc": float(sklearn_metrics.roc_auc_score(each, scored.decision, average="weighted"))}


def _roc_auc(truth: npt.NDArray[Any], probabilities: npt.NDArray[np.float64], every: list[int]) -> float:
    # roc_auc is not defined without rows of every class.
    if len(np.unique(truth)) < len(every):
        return float("nan")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedMetricWarning)
        if len(every) == 2:
            return float(sklearn_metrics.roc_auc_score(truth, probabilities[:, 1]))
        score = sklearn_metrics.roc_auc_score(
            truth, _normalised(probabilities), multi_class="ovr", average="weighted", labels=every
        )
        return float(score)


def _normalised(probabilities: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    totals: npt.NDArray[np.float64] = probabilities.sum(axis=1, keepdims=True)
    return np.divide(probabilities, totals)


def _by_class(scored: Scored) -> dict[str, Any]:
    if not scored.labels or not len(scored.truth):
        return {}
    every = list(range(len(scored.labels)))
    columns = sklearn_metrics.precision_recall_fscore_support(
        scored.truth, scored.predicted, labels=every, zero_division=0
    )
    names = ("precision", "recall", "f1", "rows")
    return {
        label: {**dict(zip(names, map(float, values), strict=True)), "rows": int(values[-1])}
        for label, *values in zip(scored.labels, *columns, strict=True)
    }


def _with_rows(scored: Scored) -> dict[str, float]:
    return {**measure(scored), "rows": len(scored.truth)}


def _rows_by_value(column: Sequence[Any]) -> dict[str, npt.NDArray[np.bool_]]:
    values = np.array([str(value) for value in column], dtype=object)
    return {value: values == value for value in sorted(set(values.tolist()))}
