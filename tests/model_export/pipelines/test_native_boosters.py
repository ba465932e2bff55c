"""Boosters of a library's own training function predict and train as estimators."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import Ridge

from model_export.draft.estimator import unfitted
from model_export.pipelines.native_boosters import as_estimator, training_again
from model_export.pipelines.user_joblib import load_pipeline
from tests.model_export.pipelines.convert.boosted import numbers, score_of

TRAIN, TEST = numbers(400, seed=1), numbers(400, seed=2)
SCORE = score_of(TRAIN)


@pytest.fixture
def xgboost() -> Any:
    return pytest.importorskip("xgboost", reason="SKIPPED: needs xgboost-cpu, which this environment lacks")


def trained(xgboost: Any, objective: str, target: Any, **options: Any) -> Any:
    data = xgboost.DMatrix(TRAIN, label=target)
    parameters = {"objective": objective, "eta": 0.2, "max_depth": 3, "subsample": 0.7, "nthread": 1, "seed": 5}
    return xgboost.train({**parameters, **options}, data, 25)


def test_an_estimator_stays_as_it_is() -> None:
    model = Ridge()
    assert as_estimator(model) is model
    assert training_again(model) == {}


@pytest.mark.parametrize(
    ("objective", "options"),
    [("reg:squarederror", {}), ("count:poisson", {}), ("reg:squarederror", {"booster": "dart", "rate_drop": 0.2})],
)
def test_a_booster_becomes_an_estimator_that_predicts_the_same(
    xgboost: Any, objective: str, options: dict[str, Any]
) -> None:
    booster = trained(xgboost, objective, np.exp(SCORE / 3), **options)
    estimator = as_estimator(booster)
    expected = booster.predict(xgboost.DMatrix(TEST))
    np.testing.assert_allclose(estimator.predict(TEST), expected, rtol=1e-6)


def test_a_booster_of_classes_becomes_a_classifier(xgboost: Any) -> None:
    two = as_estimator(trained(xgboost, "binary:logistic", SCORE > 1))
    several = as_estimator(trained(xgboost, "multi:softprob", pd.qcut(SCORE, 3, labels=False), num_class=3))
    assert [two.classes_.tolist(), several.classes_.tolist()] == [[0, 1], [0, 1, 2]]


@pytest.mark.parametrize(("objective", "classes"), [("regression", 0), ("binary", 2), ("multiclass", 3)])
def test_a_booster_of_lightgbm_becomes_an_estimator(objective: str, classes: int) -> None:
    lightgbm = pytest.importorskip("lightgbm", reason="SKIPPED: needs lightgbm, which this environment lacks")
    target = pd.qcut(SCORE, classes, labels=False) if classes else SCORE
    options = {"objective": objective, "verbose": -1, "num_leaves": 7, "num_threads": 1}
    options |= {"num_class": 3} if classes > 2 else {}
    booster = lightgbm.train(options, lightgbm.Dataset(TRAIN, target), 20)
    estimator, expected = as_estimator(booster), booster.predict(TEST)
    assert estimator.feature_names_in_.tolist() == list(TRAIN)
    found = estimator.predict_proba(TEST) if classes else estimator.predict(TEST)
    assert (found[:, 1] if classes == 2 else found).tolist() == expected.tolist()
    again = clone(estimator).fit(TRAIN, target)
    assert again.n_estimators == 20
    assert (again.predict_proba(TEST) if classes else again.predict(TEST)).tolist() == found.tolist()


def test_a_model_of_catboost_that_stopped_early_trains_again_for_as_many_rounds_without_writing_files() -> None:
    catboost = pytest.importorskip("catboost", reason="SKIPPED: needs catboost, which this environment lacks")
    few = {"verbose": 0, "thread_count": 1, "allow_writing_files": False}
    model = catboost.CatBoostRegressor(n_estimators=200, early_stopping_rounds=5, **few)
    model.fit(TRAIN, SCORE, eval_set=(TEST, SCORE))
    again = unfitted(model)
    assert model.tree_count_ < 200
    assert again.get_params() == {
        **few,
        "n_estimators": model.tree_count_,
        "learning_rate": model.learning_rate_,
        "loss_function": "RMSE",
    }
    assert not again.is_fitted()
    plain = unfitted(catboost.CatBoostRegressor(iterations=5, cat_features=["town"], verbose=0))
    assert plain.get_params()["allow_writing_files"] is False


@pytest.mark.filterwarnings("ignore:The argument 'eval_set' is deprecated")
def test_a_model_of_lightgbm_that_stopped_early_trains_again_for_as_many_rounds() -> None:
    lightgbm = pytest.importorskip("lightgbm", reason="SKIPPED: needs lightgbm, which this environment lacks")
    model = lightgbm.LGBMRegressor(n_estimators=80, learning_rate=0.8, verbose=-1, n_jobs=1)
    stop = lightgbm.early_stopping(5, verbose=False)
    model.fit(TRAIN, SCORE, eval_set=[(TEST, SCORE)], callbacks=[stop])
    assert unfitted(model).n_estimators == model.best_iteration_ < 80


def test_it_trains_again_as_the_booster_was_trained(xgboost: Any) -> None:
    booster = trained(xgboost, "reg:squarederror", SCORE)
    again = clone(as_estimator(booster)).set_params(n_jobs=1).fit(TRAIN, SCORE)
    assert again.predict(TEST).tolist() == booster.predict(xgboost.DMatrix(TEST)).tolist()


def test_a_booster_uses_all_its_trees_though_training_stopped_early(xgboost: Any) -> None:
    data, watched = xgboost.DMatrix(TRAIN, label=SCORE), xgboost.DMatrix(TEST, label=SCORE)
    options = {"eta": 0.8, "nthread": 1}
    booster = xgboost.train(options, data, 60, evals=[(watched, "w")], early_stopping_rounds=5, verbose_eval=False)
    assert booster.best_iteration + 1 < booster.num_boosted_rounds()
    assert as_estimator(booster).predict(TEST).tolist() == booster.predict(xgboost.DMatrix(TEST)).tolist()


def test_a_vectorizer_and_a_booster_become_a_pipeline_whatever_the_booster_calls_the_columns(
    xgboost: Any, tmp_path: Path
) -> None:
    instances = TRAIN[["age", "visits"]].fillna(0).to_dict("records")
    vectorizer = DictVectorizer(sparse=False)
    data = xgboost.DMatrix(vectorizer.fit_transform(instances), label=SCORE > 1, feature_names=["first", "second"])
    booster = xgboost.train({"objective": "binary:logistic", "nthread": 1}, data, 10)
    joblib.dump((vectorizer, booster), tmp_path / "model.joblib")
    pipeline = load_pipeline([tmp_path / "model.joblib"]).pipeline
    assert pipeline.predict_proba(instances)[:, 1].tolist() == booster.predict(data).tolist()


def test_a_model_that_stopped_early_trains_again_for_as_many_rounds_as_it_predicts_with(xgboost: Any) -> None:
    model = xgboost.XGBRegressor(n_estimators=60, early_stopping_rounds=5, learning_rate=0.8, n_jobs=1)
    model.fit(TRAIN, SCORE, eval_set=[(TEST, SCORE)], verbose=False)
    again = unfitted(model)
    assert again.n_estimators == model.best_iteration + 1 < 60
    assert again.fit(TRAIN, SCORE).predict(TEST).tolist() == model.predict(TEST).tolist()
