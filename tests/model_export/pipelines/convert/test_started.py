"""Gradient boosting that starts from another estimator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Ridge

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert

ROWS = pd.DataFrame({"x": np.linspace(-2, 2, 80) + 1e-9, "z": np.cos(np.arange(80.0))})
TARGET = np.exp(ROWS["x"]) + ROWS["z"]
SMALL: dict[str, Any] = {"n_estimators": 6, "random_state": 0}


@pytest.mark.parametrize("init", [None, "zero", RandomForestRegressor(3, random_state=0)], ids=str)
@pytest.mark.parametrize("loss", ["squared_error", "huber"])
def test_the_stages_are_added_to_the_start(parity: Callable[..., None], init: Any, loss: str) -> None:
    model = GradientBoostingRegressor(init=init, loss=loss, **SMALL).fit(ROWS, TARGET)
    far = pd.DataFrame({"x": [1e6, -1e6, 0.1, np.nextafter(0.1, 1)], "z": [0.0, 1.0, -0.0, 5e-324]})
    parity(model, pd.concat([ROWS, far], ignore_index=True))


def test_a_start_that_computes_in_single_precision_is_refused(schema: Any) -> None:
    model = GradientBoostingRegressor(init=Ridge(), **SMALL).fit(ROWS, TARGET)
    with pytest.raises(ConversionError, match=r"its init computes in single precision.*leave init at None, or use one"):
        convert(model, schema(ROWS))


def test_a_classifier_at_the_start_is_refused(schema: Any) -> None:
    model = GradientBoostingClassifier(init=LogisticRegression(), **SMALL).fit(ROWS, TARGET > 1)
    with pytest.raises(ConversionError, match="a classifier as init is not supported; leave init at None or 'zero'"):
        convert(model, schema(ROWS))
