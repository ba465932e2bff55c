"""Targets that were transformed are transformed back, by every transformer that has an exact inverse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert

ROWS = pd.DataFrame({"x": np.linspace(-2, 2, 80), "z": np.cos(np.arange(80.0))})
FAR = pd.DataFrame({"x": [-3.0, 0.0, -0.0, 2.5, 3.0], "z": [0.0, 1e-300, 5e-324, -1.0, 1.0]})
TRANSFORMERS: dict[str, Any] = {
    "standard": StandardScaler(),
    "standard without mean": StandardScaler(with_mean=False),
    "standard without deviation": StandardScaler(with_std=False),
    "min max": MinMaxScaler((-1, 3)),
    "max abs": MaxAbsScaler(),
    "robust": RobustScaler(),
    "robust without scaling": RobustScaler(with_scaling=False),
    "yeo-johnson": PowerTransformer(),
    "yeo-johnson as it is": PowerTransformer(standardize=False),
    "box-cox": PowerTransformer(method="box-cox"),
    "quantiles": QuantileTransformer(n_quantiles=20),
    "logarithm and scale": make_pipeline(FunctionTransformer(np.log, np.exp), StandardScaler()),
}


def target() -> Any:
    return np.exp(ROWS["x"] + 0.3 * ROWS["z"]).to_numpy()


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_a_target_is_transformed_back(parity: Callable[..., None], name: str) -> None:
    # scikit-learn warns of inverses that are not exact; parity is about what it predicts
    model = TransformedTargetRegressor(LinearRegression(), transformer=TRANSFORMERS[name], check_inverse=False)
    parity(model.fit(ROWS, target()), pd.concat([ROWS, FAR], ignore_index=True))


@pytest.mark.parametrize("power", [0.0, 2.0, 1.0, -0.5, 2.5])
@pytest.mark.parametrize("method", ["yeo-johnson", "box-cox"])
@pytest.mark.filterwarnings("ignore:Some values in column")
def test_powers_at_which_the_formula_changes(parity: Callable[..., None], power: float, method: str) -> None:
    transformer = PowerTransformer(method=method, standardize=False)
    model = TransformedTargetRegressor(LinearRegression(), transformer=transformer, check_inverse=False)
    model.fit(ROWS, target())
    model.transformer_.lambdas_ = np.array([power])
    model.regressor_.coef_, model.regressor_.intercept_ = np.array([0.2, 0.0]), 0.1
    parity(model, ROWS)


@pytest.mark.parametrize(
    ("transformer", "reason"),
    [
        (QuantileTransformer(n_quantiles=20, output_distribution="normal"), "set output_distribution='uniform'"),
        (Normalizer(), "transformer Normalizer has no exact inverse; use one of FunctionTransformer, StandardScaler"),
        (FunctionTransformer(np.log, np.exp, inv_kw_args={"where": True}), "inv_kw_args is not supported"),
    ],
)
def test_what_has_no_exact_inverse_is_refused(schema: Any, transformer: Any, reason: str) -> None:
    model = TransformedTargetRegressor(LinearRegression(), check_inverse=False).fit(ROWS, target())
    model.transformer_ = transformer.fit(target().reshape(-1, 1))
    with pytest.raises(ConversionError, match=reason):
        convert(model, schema(ROWS))
