"""Multilayer perceptrons: bounds of labels, and what is refused; the matrix compares each activation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.neural_network import MLPClassifier, MLPRegressor

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert

ROWS = pd.DataFrame({"x": np.linspace(-2, 2, 60)})
OPTIONS: dict[str, Any] = {"hidden_layer_sizes": (), "solver": "lbfgs", "max_iter": 500, "random_state": 0}


def test_a_probability_of_one_half_is_the_first_class(parity: Callable[..., None]) -> None:
    model = MLPClassifier(**OPTIONS).fit(ROWS, np.where(ROWS["x"] > 0, "yes", "no"))
    model.coefs_, model.intercepts_ = [np.array([[1.0]])], [np.array([0.0])]
    parity(model, pd.DataFrame({"x": [0.0, -0.0, 1e-17, -1e-17, 5e-324, 0.1, -0.1, 20.0, -20.0]}))


def test_weights_in_single_precision_are_refused(schema: Any) -> None:
    model = MLPRegressor(**OPTIONS).fit(ROWS, ROWS["x"])
    model.coefs_ = [weights.astype(np.float32) for weights in model.coefs_]
    with pytest.raises(ConversionError, match="fitted on float32 numbers; fit it on float64"):
        convert(model, schema(ROWS))
