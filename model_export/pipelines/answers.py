"""Answers of a scikit-learn pipeline itself, in the form in which its graph gives them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import Pipeline

from model_export.pipelines.convert import target_classes, target_count, unwrapped

Doubles = npt.NDArray[np.float64]


def predicted_values(pipeline: Any, rows: Any) -> Doubles:
    """Predictions of a regressor [N], of several targets [N, targets]."""
    predicted = np.asarray(pipeline.predict(rows), dtype=np.float64)
    return predicted if target_count(pipeline) > 1 else predicted.reshape(-1)


def labels(pipeline: Any, rows: Any) -> npt.NDArray[np.int64]:
    """Predictions of a classifier [N], as indices into its classes; of several targets [N, targets]."""
    predicted = pipeline.predict(rows)
    predicted = np.asarray(predicted.toarray() if hasattr(predicted, "toarray") else predicted)
    classes = target_classes(pipeline)
    # CatBoost returns the labels of several classes as a column, which gives them one more axis
    columns = predicted.reshape(-1, len(classes)).T
    places = [_places(column, own) for column, own in zip(columns, classes, strict=True)]
    return places[0] if len(places) == 1 else np.column_stack(places)


def scores(pipeline: Any, rows: Any) -> Doubles:
    """Probabilities of a classifier [N, K]; without them its decision [N, K], [N, 1] for two classes.

    The numbers of several targets are side by side.
    """
    if hasattr(pipeline, "predict_proba"):
        return _probabilities(pipeline.predict_proba(rows), target_classes(pipeline))
    if hasattr(pipeline, "decision_function"):
        decision = np.asarray(pipeline.decision_function(rows), dtype=np.float64)
        return decision.reshape(len(decision), -1)
    last, seen = _last_with_rows(pipeline, rows)
    if isinstance(last, MultiOutputClassifier):  # it has no decision, and its members have
        return np.hstack([scores(member, seen) for member in last.estimators_])
    return _counted_votes(pipeline, rows)


def _places(predicted: Any, classes: Sequence[Any]) -> npt.NDArray[np.int64]:
    index = {label: position for position, label in enumerate(classes)}
    return np.array([index[label] for label in predicted.tolist()], dtype=np.int64)


def _probabilities(answered: Any, classes: Sequence[Sequence[Any]]) -> Doubles:
    """From a list with an array for each target, or from one array.

    A matrix of labels and a chain have one probability for each target, that of its second class. HistGradientBoosting
    has a second one for a class that does not exist, where it was fitted on one alone.
    """
    if isinstance(answered, list):
        pairs = zip(answered, classes, strict=True)
        return np.hstack([np.asarray(one, dtype=np.float64)[:, : len(own)] for one, own in pairs])
    found = np.asarray(answered, dtype=np.float64)
    is_of_second = found.shape[1] == len(classes) and all(len(one) == 2 for one in classes)
    return np.stack([1 - found, found], axis=2).reshape(len(found), -1) if is_of_second else found


def _last_with_rows(pipeline: Any, rows: Any) -> tuple[Any, Any]:
    """The last step, and the rows as it gets them."""
    pipeline = unwrapped(pipeline)
    while isinstance(pipeline, Pipeline) and not hasattr(pipeline, "transform"):
        rows = pipeline[:-1].transform(rows) if len(pipeline) > 1 else rows
        pipeline = unwrapped(pipeline.steps[-1][1])
    return pipeline, rows


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
