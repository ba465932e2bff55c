"""XGBoost and the graph side by side, on missing values, thresholds and their neighbours in float32."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert
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

xgboost = pytest.importorskip("xgboost", reason="SKIPPED: needs xgboost-cpu, which this environment lacks")
FEW = {"n_estimators": TREES, "max_depth": 4, "n_jobs": 1}
ONE_UNIT = 2**-23
"""The last bit of a float32 of 1, and at most this share of any other."""


def thresholds_of(estimator: Any) -> list[tuple[str, float]]:
    frame = estimator.get_booster().trees_to_dataframe()
    splits = frame[frame["Feature"] != "Leaf"]
    return list(zip(splits["Feature"], splits["Split"].astype(np.float32).astype(float), strict=True))


@pytest.fixture(scope="module")
def train() -> pd.DataFrame:
    return numbers(seed=1)


def test_a_regression_is_equal_bit_by_bit_at_thresholds_and_their_neighbours(train: pd.DataFrame) -> None:
    model = xgboost.XGBRegressor(**FEW).fit(train, score_of(train))
    found, expected = side_by_side(model, around(numbers(seed=2), thresholds_of(model)))
    assert found[0].tolist() == expected[0].tolist()


@pytest.mark.parametrize(
    "objective",
    ["reg:absoluteerror", "reg:pseudohubererror", "reg:squaredlogerror", "count:poisson", "reg:gamma", "reg:tweedie"],
)
def test_each_objective_of_a_regression_has_its_link(train: pd.DataFrame, objective: str) -> None:
    target = np.exp(score_of(train) / 3)
    model = xgboost.XGBRegressor(objective=objective, **FEW).fit(train, target)
    found, expected = side_by_side(model, around(numbers(seed=2), thresholds_of(model)))
    assert largest_difference(found, expected, smallest=1e-3) <= ONE_UNIT
    assert np.mean(found[0] == expected[0]) > 0.99


def test_a_quantile_and_a_share_are_predicted(train: pd.DataFrame) -> None:
    score, test = score_of(train), numbers(seed=2)
    quantile = xgboost.XGBRegressor(objective="reg:quantileerror", quantile_alpha=0.8, **FEW).fit(train, score)
    assert largest_difference(*side_by_side(quantile, test), smallest=1e-3) == 0
    share = xgboost.XGBRegressor(objective="reg:logistic", **FEW).fit(train, 1 / (1 + np.exp(-score)))
    assert largest_difference(*side_by_side(share, test), smallest=1e-3) <= ONE_UNIT


@pytest.mark.parametrize(
    ("classes", "options"),
    [
        (2, {}),
        (2, {"base_score": 0.3}),
        (2, {"objective": "binary:hinge"}),
        (4, {}),
        (4, {"objective": "multi:softmax"}),
        (3, {"booster": "dart", "rate_drop": 0.3}),
        (2, {"booster": "dart", "rate_drop": 0.3}),
        (3, {"num_parallel_tree": 3, "subsample": 0.7, "n_estimators": 10}),
    ],
)
def test_classes_and_probabilities(train: pd.DataFrame, classes: int, options: dict[str, Any]) -> None:
    target = pd.qcut(score_of(train), classes, labels=False)
    model = xgboost.XGBClassifier(**{**FEW, **options}).fit(train, target)
    found, expected = side_by_side(model, around(numbers(seed=2), thresholds_of(model)))
    assert largest_difference(found, expected, smallest=1.0) <= 2 * ONE_UNIT


def test_random_forests_of_xgboost(train: pd.DataFrame) -> None:
    score, test = score_of(train), numbers(seed=2)
    regression = xgboost.XGBRFRegressor(**FEW).fit(train, score)
    assert largest_difference(*side_by_side(regression, test), smallest=1e-3) == 0
    classification = xgboost.XGBRFClassifier(**FEW).fit(train, score > 1)
    assert largest_difference(*side_by_side(classification, test), smallest=1.0) <= ONE_UNIT


@pytest.mark.parametrize("missing", [-1.0, 0.0])
def test_the_value_that_marks_what_is_missing_is_missing(train: pd.DataFrame, missing: float) -> None:
    model = xgboost.XGBRegressor(missing=missing, **FEW).fit(train.fillna(missing), score_of(train))
    test = numbers(seed=2)
    found, expected = side_by_side(model, pd.concat([test, test.fillna(missing)], ignore_index=True))
    assert found[0].tolist() == expected[0].tolist()
    assert found[0][: len(test)].tolist() == found[0][len(test) :].tolist()


def test_early_stopping_predicts_with_the_best_iteration(train: pd.DataFrame) -> None:
    score = score_of(train)
    options = {**FEW, "n_estimators": 60, "early_stopping_rounds": 5, "learning_rate": 0.8}
    model = xgboost.XGBRegressor(**options).fit(train, score, eval_set=[(numbers(seed=3), score)], verbose=False)
    assert model.best_iteration + 1 < model.get_booster().num_boosted_rounds()
    found, expected = side_by_side(model, numbers(seed=2))
    assert found[0].tolist() == expected[0].tolist()


@pytest.mark.parametrize("one_hot_up_to", [1, 100])
def test_texts_of_dtype_category_are_numbered_as_xgboost_does(train: pd.DataFrame, one_hot_up_to: int) -> None:
    train, test = (with_towns(table, seed=seed) for seed, table in enumerate((train, numbers(seed=2))))
    model = xgboost.XGBRegressor(enable_categorical=True, max_cat_to_onehot=one_hot_up_to, **FEW)
    model.fit(train.astype({"town": "category"}), score_of(train))
    found, expected = side_by_side(model, test, given=test.astype({"town": "category"}), town=TOWNS)
    assert found[0].tolist() == expected[0].tolist()


def test_a_category_that_training_lacked_is_an_error_there_and_must_not_be_allowed_here(train: pd.DataFrame) -> None:
    train = with_towns(train)
    model = xgboost.XGBRegressor(enable_categorical=True, **FEW).fit(
        train.astype({"town": "category"}), score_of(train)
    )
    with pytest.raises(ConversionError, match="list what may be sent in `allowed`"):
        convert(model, schema_for(train))
    with pytest.raises(ConversionError, match="list what may be sent in `allowed`"):
        convert(model, schema_for(train, town=[*TOWNS, "Oslo"]))


def test_numbers_of_categories_are_cut_and_others_go_where_xgboost_sends_them(train: pd.DataFrame) -> None:
    rng = np.random.default_rng(0)
    train = train.assign(visits=rng.integers(0, 40, len(train)).astype(float))
    kinds = ["c" if name == "visits" else "q" for name in NUMBERS]
    model = xgboost.XGBRegressor(enable_categorical=True, feature_types=kinds, max_cat_to_onehot=1, **FEW)
    model.fit(train, score_of(train) + np.sin(train["visits"]))
    odd = rng.choice([-3.0, -0.5, 0.5, 2.5, 39.0, 39.9, 40.0, 1e3, 1e9, np.nan], len(train))
    found, expected = side_by_side(model, numbers(seed=2).assign(visits=odd))
    assert found[0].tolist() == expected[0].tolist()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # xgboost warns of gblinear in C
@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"booster": "gblinear"}, "booster='gbtree'"),
        ({"objective": lambda truth, found: (found - truth, np.ones(len(truth)))}, "a function of your own"),
        ({"objective": "reg:quantileerror", "quantile_alpha": [0.1, 0.9]}, "one model for each"),
    ],
)
def test_what_has_no_exact_form_is_refused_with_another_way(
    train: pd.DataFrame, options: dict[str, Any], reason: str
) -> None:
    model = xgboost.XGBRegressor(**{**FEW, **options}).fit(train, score_of(train))
    with pytest.raises(ConversionError, match=reason):
        convert(model, schema_for(train))


def test_several_targets_are_refused(train: pd.DataFrame) -> None:
    score = score_of(train)
    model = xgboost.XGBRegressor(multi_strategy="multi_output_tree", tree_method="hist", **FEW)
    model.fit(train, np.column_stack([score, -score]))
    with pytest.raises(ConversionError, match="put a XGBRegressor of one target into a MultiOutputRegressor"):
        convert(model, schema_for(train))


def test_scores_that_are_no_probabilities_are_refused(train: pd.DataFrame) -> None:
    model = xgboost.XGBClassifier(objective="binary:logitraw", **FEW).fit(train, score_of(train) > 1)
    with pytest.raises(ConversionError, match="'binary:logitraw' is not supported; use one of binary:logistic"):
        convert(model, schema_for(train))


def test_categories_that_xgboost_itself_mixes_up_are_refused(train: pd.DataFrame) -> None:
    towns = ["Cádiz", "Lyon", "Porto"]
    train = with_towns(train, towns=towns)
    model = xgboost.XGBRegressor(enable_categorical=True, **FEW).fit(
        train.astype({"town": "category"}), score_of(train)
    )
    with pytest.raises(ConversionError, match="ASCII"):
        convert(model, schema_for(train, town=towns))
