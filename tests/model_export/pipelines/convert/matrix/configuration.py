"""One configuration of the matrix, and the comparison of its graph with scikit-learn."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import onnxruntime
import pandas as pd
from sklearn.exceptions import ConvergenceWarning

from functions.core.schema import Feature, Schema
from model_export.pipelines import answers
from model_export.pipelines.convert import convert
from tests.model_export.pipelines.convert.matrix import tables

RELATIVE_TOLERANCE = 1e-9
SMALL = 1e-3


@dataclass(frozen=True, slots=True)
class Configuration:
    """An unfitted estimator by name, the table that it is fitted on, and its target.

    `target` is a number, a positive number, or the count of classes. Hostile rows have no number above `largest`, for
    estimators that subtract squares: beyond it scikit-learn's own answer is rounding error.
    """

    name: str
    build: Callable[[], Any]
    table: tables.TableName = "numbers"
    target: Literal["number", "positive", 2, 3] = "number"
    largest: float = 1e15

    def fit(self) -> Any:
        rows = tables.training_rows(self.table)
        with warnings.catch_warnings():
            # Deprecated classes are in files that people have.
            warnings.simplefilter("ignore", FutureWarning)
            warnings.simplefilter("ignore", ConvergenceWarning)
            estimator = self.build()
            return estimator.fit(rows, tables.target_of(self.table, self.target))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Answers of scikit-learn and of the graph for the same rows: labels, and the last output [N, ...]."""

    expected: list[Any]
    found: list[Any]

    @property
    def largest_difference(self) -> float:
        """Relative, or from 0.001 for smaller values; infinite where one alone is not finite."""
        expected, found = self.expected[-1].reshape(len(self.expected[-1]), -1), self.found[-1]
        expected, found = np.broadcast_arrays(expected, found.reshape(expected.shape))
        with np.errstate(invalid="ignore", over="ignore"):
            difference = np.abs(found - expected) / np.maximum(np.abs(expected), SMALL)
        # Rows without a finite prediction are refused when they are served: both sides only have to agree on that.
        lost = ~np.isfinite(expected).all(axis=1)
        difference[lost & ~np.isfinite(found).all(axis=1)] = 0.0
        return float(np.nan_to_num(difference, nan=np.inf).max())

    @property
    def other_labels(self) -> int:
        if len(self.expected) == 1:
            return 0
        known = np.isfinite(self.expected[1].reshape(len(self.expected[1]), -1)).all(axis=1)
        return int((self.expected[0] != self.found[0])[known].sum())


def compare(configuration: Configuration) -> Comparison:
    """Fit, convert, and answer training rows, held-out rows and hostile rows, together."""
    estimator = configuration.fit()
    rows = tables.hostile_rows(configuration.table, configuration.largest)
    graph = convert(estimator, schema_of(rows))
    return Comparison(answers_of(estimator, rows), run(graph, rows))


def schema_of(rows: pd.DataFrame) -> Schema:
    kinds = {name: "string" if rows[name].dtype == object else "number" for name in rows}
    return Schema(tuple(Feature(str(name), kind) for name, kind in kinds.items()), Feature("target", "number"))  # type: ignore[arg-type]


def run(graph: bytes, rows: pd.DataFrame) -> list[Any]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    feed: dict[str, Any] = {}
    strings = [name for name in rows if rows[name].dtype == object]
    if strings:
        feed["strings"] = rows[strings].to_numpy(dtype=object)
    if len(strings) < rows.shape[1]:
        feed["numbers"] = rows.drop(columns=strings).to_numpy(dtype=np.float64)
    return list(session.run(None, feed))


def answers_of(estimator: Any, rows: pd.DataFrame) -> list[Any]:
    """Predictions of a regressor; index of the label and probabilities, decision or counted votes of a classifier."""
    with np.errstate(all="ignore"):
        if not hasattr(estimator, "classes_"):
            return [np.ravel(estimator.predict(rows))]
        label = np.searchsorted(estimator.classes_, estimator.predict(rows))
        if hasattr(estimator, "predict_proba"):
            return [label, estimator.predict_proba(rows)]
        return [label, answers.scores(estimator, rows)]
