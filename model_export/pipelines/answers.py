"""Answers of a scikit-learn pipeline itself, in the form in which its graph gives them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from model_export.pipelines.convert import classes

Doubles = npt.NDArray[np.float64]


def predicted_values(pipeline: Any, rows: Any) -> Doubles:
    """Predictions of a regressor [N]."""
    return np.asarray(pipeline.predict(rows), dtype=np.float64).reshape(-1)


def labels(pipeline: Any, rows: Any) -> npt.NDArray[np.int64]:
    """Predictions of a classifier [N], as indices into its classes."""
    index = {label: position for position, label in enumerate(classes(pipeline))}
    # CatBoost returns the labels of several classes as a column.
    return np.array([index[label] for label in np.ravel(pipeline.predict(rows)).tolist()], dtype=np.int64)


def scores(pipeline: Any, rows: Any) -> Doubles:
    """Probabilities of a classifier [N, K]; without them its decision [N, K], [N, 1] for two classes."""
    if hasattr(pipeline, "predict_proba"):
        return np.asarray(pipeline.predict_proba(rows), dtype=np.float64)
    if hasattr(pipeline, "decision_function"):
        decision = np.asarray(pipeline.decision_function(rows), dtype=np.float64)
        return decision.reshape(len(decision), -1)
    return _counted_votes(pipeline, rows)


def _counted_votes(pipeline: Any, rows: Any) -> Doubles:
    """The votes for each class of a VotingClassifier that counts; of two classes the second's less the first's."""
    votes = pipeline.transform(rows)
    last = pipeline
    while not hasattr(last, "voting"):
        last = last.steps[-1][1] if hasattr(last, "steps") else last.best_estimator_
    weights = last._weights_not_none
    every = range(len(last.classes_))
    counted = np.array([np.bincount(row, weights=weights, minlength=len(every)) for row in votes], dtype=np.float64)
    return counted if len(every) > 2 else counted[:, [1]] - counted[:, [0]]
