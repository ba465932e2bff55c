"""Rows for which nearest neighbours have no one answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import Pipeline


def at_ties(predictor: Any, rows: Any) -> npt.NDArray[np.bool_]:
    """[N]: whether the neighbour after the last one is as far as the last, so that the order of training decides.

    scikit-learn's own documentation warns of it. False for every other predictor.
    """
    count = rows.shape[0] if hasattr(rows, "shape") else len(rows)
    model = predictor[-1] if isinstance(predictor, Pipeline) else predictor
    if not isinstance(model, KNeighborsClassifier | KNeighborsRegressor):
        return np.zeros(count, dtype=bool)
    numbers = predictor[:-1].transform(rows) if isinstance(predictor, Pipeline) else rows
    far, _ = model.kneighbors(numbers, model.n_neighbors + 1)
    return np.asarray(np.isclose(far[:, -1], far[:, -2], rtol=1e-12, atol=0))
