"""LightGBM and the graph side by side, on missing values, thresholds and their neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert
from model_export.pipelines.convert.lightgbm_models import lightgbm_levels
from tests.model_export.pipelines.convert.boosted import (
    NUMBERS,
    TOWNS,
    TREES,
    around,
    largest_difference,
    numbers,
    schema_for,
    score_of,
    side_by_side,
    with_towns,
)

lightgbm = pytest.importorskip("lightgbm", reason="SKIPPED: needs lightgbm, which this environment lacks")
FEW = {"n_estimators": TREES, "min_child_samples": 5, "verbose": -1, "n_jobs": 1}


def thresholds_of(estimator: Any) -> list[tuple[str, float]]:
    frame = estimator.booster_.trees_to_dataframe()
    # 1e300 sends whatever is not missing to one side.
    splits = frame[(frame["decision_type"] == "<=") & (frame["threshold"] != 1e300)]
    return list(zip(splits["split_feature"], splits["threshold"].astype(float), strict=True))


def compared(
    estimator: Any, train: pd.DataFrame, target: Any, test: pd.DataFrame | None = None, **options: Any
) -> float:
    """The largest difference on rows at the thresholds of the estimator, fitted here."""
    estimator.fit(train, target, **options)
    test = around(numbers(seed=2), thresholds_of(estimator)) if test is None else test
    return largest_difference(*side_by_side(estimator, test), smallest=1e-3)


@pytest.fixture(scope="module")
def train() -> pd.DataFrame:
    return numbers(seed=1)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"objective": "regression_l1"},
        {"objective": "huber"},
        {"objective": "quantile", "alpha": 0.8},
        {"reg_sqrt": True},
        {"boosting_type": "dart"},
        {"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.5},
        {"zero_as_missing": True},
        {"use_missing": False},
    ],
)
def test_a_regression_is_equal_bit_by_bit_at_thresholds_and_their_neighbours(
    train: pd.DataFrame, options: dict[str, Any]
) -> None:
    assert compared(lightgbm.LGBMRegressor(**{**FEW, **options}), train, score_of(train)) == 0


@pytest.mark.parametrize("objective", ["poisson", "gamma", "tweedie"])
def test_logarithms_are_undone(train: pd.DataFrame, objective: str) -> None:
    target = np.exp(score_of(train) / 3)
    assert compared(lightgbm.LGBMRegressor(objective=objective, **FEW), train, target) < 1e-12


@pytest.mark.parametrize("objective", ["cross_entropy", "cross_entropy_lambda"])
def test_shares_are_predicted(train: pd.DataFrame, objective: str) -> None:
    target = 1 / (1 + np.exp(-score_of(train)))
    assert compared(lightgbm.LGBMRegressor(objective=objective, **FEW), train, target) < 1e-12


@pytest.mark.parametrize(
    ("classes", "options"),
    [
        (2, {}),
        (2, {"sigmoid": 1.7}),
        (4, {}),
        (3, {"objective": "multiclassova", "sigmoid": 0.7}),
        (3, {"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}),
    ],
)
def test_classes_and_probabilities(train: pd.DataFrame, classes: int, options: dict[str, Any]) -> None:
    target = pd.qcut(score_of(train), classes, labels=["low", "more", "most", "top"][:classes]).astype(object)
    assert compared(lightgbm.LGBMClassifier(**{**FEW, **options}), train, target) < 1e-9


@pytest.mark.parametrize("holes", [True, False])
def test_missing_values_go_where_lightgbm_sends_them_though_training_had_none(holes: bool) -> None:
    train = numbers(seed=1, missing=holes)
    assert compared(lightgbm.LGBMRegressor(**FEW), train, score_of(train), numbers(seed=2)) == 0


@pytest.mark.parametrize("zero_as_missing", [True, False])
@pytest.mark.parametrize("near", [0.0, -0.0, 1e-36, -1e-35, float(np.float32(1e-35)), 1.0001e-35, -2e-35])
def test_numbers_next_to_zero_are_taken_for_zero(train: pd.DataFrame, near: float, zero_as_missing: bool) -> None:
    test = numbers(100, seed=2).assign(visits=near, balance=near)
    model = lightgbm.LGBMRegressor(zero_as_missing=zero_as_missing, **FEW)
    assert compared(model, train, score_of(train), test) == 0


@pytest.mark.parametrize("count", [3, 40, 300])
def test_numbers_of_categories_are_cut_towards_zero(train: pd.DataFrame, count: int) -> None:
    rng = np.random.default_rng(0)
    train = train.assign(visits=rng.integers(0, count, len(train)).astype(float))
    odd = [-3.0, -0.5, 0.5, 2.5, 39.9, 40.0, 1e3, 3e9, np.nan, *range(count)]
    test = numbers(seed=2).assign(visits=rng.choice(odd, len(train)))
    model = lightgbm.LGBMRegressor(min_data_per_group=2, max_cat_to_onehot=1, **FEW)
    target, columns = score_of(train) + np.sin(9 * train["visits"]), [NUMBERS.index("visits")]
    assert compared(model, train, target, test, categorical_feature=columns) == 0


def test_texts_of_dtype_category_are_numbered_and_an_unseen_one_is_missing(train: pd.DataFrame) -> None:
    towns = [*TOWNS, "Cádiz", "東京"]
    train = with_towns(train, towns=towns)[["income", "town", "age", "visits", "balance"]]
    test = with_towns(numbers(seed=2), seed=1, towns=[*towns, "Oslo"])[train.columns.tolist()]
    model = lightgbm.LGBMRegressor(**FEW).fit(train.astype({"town": "category"}), score_of(train))
    assert lightgbm_levels(model) == {"town": tuple(sorted(towns))}
    found, expected = side_by_side(model, test, given=test.astype({"town": "category"}))
    assert found[0].tolist() == expected[0].tolist()


@pytest.mark.filterwarnings("ignore:The argument 'eval_set' is deprecated")
def test_early_stopping_predicts_with_the_best_iteration(train: pd.DataFrame) -> None:
    score = score_of(train)
    model = lightgbm.LGBMRegressor(**{**FEW, "n_estimators": 80, "learning_rate": 0.8})
    stop = lightgbm.early_stopping(5, verbose=False)
    model.fit(train, score, eval_set=[(numbers(seed=3), score)], callbacks=[stop])
    assert 0 < model.best_iteration_ < 80
    found, expected = side_by_side(model, numbers(seed=2))
    assert found[0].tolist() == expected[0].tolist()


def test_a_target_that_never_varies(train: pd.DataFrame) -> None:
    assert compared(lightgbm.LGBMRegressor(**FEW), train, np.full(len(train), 7.5), numbers(seed=2)) == 0


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"linear_tree": True}, "leave it at False"),
        ({"objective": lambda truth, found: (found - truth, np.ones(len(truth)))}, "a function of your own"),
    ],
)
def test_what_has_no_exact_form_is_refused_with_another_way(options: dict[str, Any], reason: str) -> None:
    train = numbers(seed=1, missing=False)
    model = lightgbm.LGBMRegressor(**{**FEW, **options}).fit(train, score_of(train))
    with pytest.raises(ConversionError, match=reason):
        convert(model, schema_for(train))


def test_categories_that_are_numbers_are_refused(train: pd.DataFrame) -> None:
    frame = train.assign(visits=train["visits"].astype("category"))
    model = lightgbm.LGBMRegressor(**FEW).fit(frame, score_of(train))
    with pytest.raises(ConversionError, match="make the columns text"):
        convert(model, schema_for(train))
    assert lightgbm_levels(model) == {}


def test_text_beyond_its_categories_is_refused(train: pd.DataFrame) -> None:
    model = lightgbm.LGBMRegressor(**FEW).fit(train.to_numpy(), score_of(train))
    texts = train[["income", "age", "visits"]].assign(town="Lyon")
    with pytest.raises(ConversionError, match="other columns of text"):
        convert(model, schema_for(texts))
