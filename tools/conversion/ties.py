"""Rows for which nearest neighbours have no one answer."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.impute import KNNImputer
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import Pipeline

from model_export.pipelines.convert.inspection import walk

ORDERS = 8
"""Orders of the training rows that are tried on an imputer."""


def at_ties(predictor: Any, rows: Any) -> npt.NDArray[np.bool_]:
    """[N]: whether the neighbour after the last one is as far as the last, so that the order of training decides.

    scikit-learn's own documentation warns of it. False for every predictor without neighbours.
    """
    return _of_neighbours(predictor, rows) | _of_imputers(predictor, rows)


def _of_neighbours(predictor: Any, rows: Any) -> npt.NDArray[np.bool_]:
    count = rows.shape[0] if hasattr(rows, "shape") else len(rows)
    model = predictor[-1] if isinstance(predictor, Pipeline) else predictor
    if not isinstance(model, KNeighborsClassifier | KNeighborsRegressor):
        return np.zeros(count, dtype=bool)
    numbers = predictor[:-1].transform(rows) if isinstance(predictor, Pipeline) else rows
    far, _ = model.kneighbors(numbers, model.n_neighbors + 1)
    return np.asarray(np.isclose(far[:, -1], far[:, -2], rtol=1e-12, atol=0))


def _of_imputers(predictor: Any, rows: Any) -> npt.NDArray[np.bool_]:
    """[N]: whether an answer is another where imputers have their training rows in another order."""
    count = rows.shape[0] if hasattr(rows, "shape") else len(rows)
    tied = np.zeros(count, dtype=bool)
    if not any(isinstance(step, KNNImputer) for _, step in walk(predictor)):
        return tied
    expected = _numbers(predictor, rows)
    for seed in range(ORDERS):
        other = deepcopy(predictor)
        for imputer in (step for _, step in walk(other) if isinstance(step, KNNImputer)):
            order = np.random.default_rng(seed).permutation(len(imputer._fit_X))
            imputer._fit_X, imputer._mask_fit_X = imputer._fit_X[order], imputer._mask_fit_X[order]
        same = np.isclose(_numbers(other, rows), expected, rtol=1e-9, atol=0).reshape(count, -1).all(axis=1)
        tied |= ~same
    return tied


def _numbers(predictor: Any, rows: Any) -> npt.NDArray[np.float64]:
    asked = predictor.predict_proba if hasattr(predictor, "predict_proba") else predictor.predict
    found = np.asarray(asked(rows))
    return np.asarray(found if found.dtype.kind in "fiu" else np.unique(found, return_inverse=True)[1], dtype=float)
