"""A prediction that hangs on the last bit of a computed number is recognised, and no other difference is."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import KNNImputer
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    PowerTransformer,
    QuantileTransformer,
    StandardScaler,
)

from model_export.pipelines.ties import neighbour_hint, tie_hint
from model_export.transformers.expressions import Expressions

ROWS = pd.DataFrame({"x": np.random.default_rng(0).lognormal(2, 0.8, 600)})
"""More distinct values than a histogram has bins: its thresholds are values of these rows."""
TARGET = np.log(ROWS["x"]).round(1)


def _boosted() -> Any:
    return make_pipeline(PowerTransformer(), HistGradientBoostingRegressor(max_iter=5))


def _at_a_threshold(pipeline: Any, rows: pd.DataFrame) -> npt.NDArray[np.intp]:
    model, numbers = pipeline[-1], pipeline[:-1].transform(rows)
    return np.flatnonzero(model.predict(np.nextafter(numbers, np.inf)) != model.predict(numbers))


@pytest.mark.parametrize(
    "wrapped",
    [lambda one: one, lambda one: GridSearchCV(one, {}, cv=2), lambda one: TransformedTargetRegressor(one)],
    ids=["alone", "searched", "transformed target"],
)
def test_a_row_at_a_threshold_behind_a_power_gets_its_cause_and_the_way_out(wrapped: Any) -> None:
    fitted = wrapped(_boosted()).fit(ROWS, TARGET)
    pipeline = _boosted().fit(ROWS, TARGET)
    row = _at_a_threshold(pipeline, ROWS)[0]
    hint = tie_hint(fitted, ROWS[row : row + 1])
    assert "threshold of the HistGradientBoostingRegressor" in hint
    assert "leave it out" in hint


def test_a_classifier_is_asked_for_its_probabilities() -> None:
    labels = np.where(TARGET > 2, "high", "low")
    pipeline = make_pipeline(PowerTransformer(), HistGradientBoostingClassifier(max_iter=5)).fit(ROWS, labels)
    assert "threshold of the HistGradientBoostingClassifier" in tie_hint(pipeline, ROWS)


def test_rows_between_thresholds_get_no_hint() -> None:
    pipeline = _boosted().fit(ROWS, TARGET)
    others = np.setdiff1d(np.arange(len(ROWS)), _at_a_threshold(pipeline, ROWS))
    assert tie_hint(pipeline, ROWS.iloc[others[:50]]) == ""


@pytest.mark.parametrize(
    "model", [make_pipeline(PowerTransformer(), Ridge()), HistGradientBoostingRegressor(max_iter=5)]
)
def test_a_model_without_thresholds_or_without_steps_before_it_gets_no_hint(model: Any) -> None:
    assert tie_hint(model.fit(ROWS, TARGET), ROWS) == ""


WHOLE = pd.DataFrame({"x": np.random.default_rng(1).integers(0, 60, 400).astype(float), "other": np.arange(400.0)})
BINS = {"quantile_method": "averaged_inverted_cdf"}


@pytest.mark.parametrize(
    ("before", "step"),
    [
        (FunctionTransformer(np.log1p), KBinsDiscretizer(**BINS)),
        (FunctionTransformer(np.log1p), QuantileTransformer(n_quantiles=100)),
        (Expressions({"y": "log1p(x)"}, keep_columns=False), KBinsDiscretizer(encode="ordinal", **BINS)),
    ],
)
@pytest.mark.parametrize("is_inner", [False, True])
def test_bins_and_quantiles_behind_a_logarithm_are_the_cause(before: Any, step: Any, is_inner: bool) -> None:
    inner = make_pipeline(clone(before), clone(step))
    columns = make_column_transformer((inner, ["x"]), ("passthrough", ["other"])) if is_inner else inner
    pipeline = make_pipeline(columns, Ridge()).fit(WHOLE, np.log1p(WHOLE["x"]))
    hint = tie_hint(pipeline, WHOLE)
    assert f"A threshold of the {type(step).__name__} lies at the very number" in hint
    assert "the same without an increasing function" in hint


def test_bins_of_the_numbers_themselves_are_no_cause() -> None:
    for steps in ([KBinsDiscretizer(**BINS)], [StandardScaler(), KBinsDiscretizer(**BINS)]):
        assert tie_hint(make_pipeline(*steps, Ridge()).fit(WHOLE, WHOLE["x"]), WHOLE) == ""


def test_an_imputer_of_neighbours_is_the_cause_wherever_it_is() -> None:
    fitted = make_pipeline(make_pipeline(KNNImputer()), Ridge()).fit(ROWS, TARGET)
    assert "last neighbour of the KNNImputer" in neighbour_hint(fitted)
    assert "IterativeImputer" in neighbour_hint(fitted)
    assert neighbour_hint(make_pipeline(PowerTransformer(), Ridge()).fit(ROWS, TARGET)) == ""
