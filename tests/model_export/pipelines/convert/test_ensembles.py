"""Estimators made of others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier, SGDClassifier
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert

Parity = Callable[..., None]
NUMBERS = ["income", "age", "visits"]
SMALL = {"max_iter": 8, "min_samples_leaf": 5, "random_state": 0}


def scaled(model: Any) -> Pipeline:
    return make_pipeline(StandardScaler(), model)


def prepared(model: Any) -> Pipeline:
    """Text with infrequent levels and numbers with holes."""
    return make_pipeline(
        make_column_transformer(
            (OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=25), ["city", "plan"]),
            (make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), NUMBERS),
        ),
        model,
    )


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("final", [LogisticRegression(), RandomForestClassifier(5, random_state=0)])
def test_a_stack_of_classifiers(parity: Parity, table: Any, target: Any, classes: int, final: Any) -> None:
    members = [
        ("linear", prepared(LogisticRegression())),
        ("margin", prepared(LinearSVC(random_state=0))),
        ("trees", HistGradientBoostingClassifier(categorical_features=["city", "plan"], **SMALL)),
    ]
    stack = StackingClassifier(members, final_estimator=final, cv=3)
    parity(stack.fit(table(300), target(table(300), classes=classes)), table(seed=1, unseen=True))


@pytest.mark.parametrize("method", ["auto", "predict_proba", "predict"])
def test_what_a_stack_takes_of_its_members(parity: Parity, table: Any, target: Any, method: str) -> None:
    train = table(200)[NUMBERS]
    members = [("trees", HistGradientBoostingClassifier(**SMALL)), ("none", "drop")]
    members.append(("forest", RandomForestClassifier(4, random_state=0)))
    stack = StackingClassifier(members, stack_method=method, cv=3)
    parity(stack.fit(train, target(table(200), classes=3)), table(seed=1)[NUMBERS])


@pytest.mark.parametrize("passthrough", [True, False])
def test_a_stack_of_regressors(parity: Parity, table: Any, target: Any, passthrough: bool) -> None:
    train = table(200, missing=False)[NUMBERS]
    members = [("ridge", scaled(Ridge())), ("forest", RandomForestRegressor(4, random_state=0))]
    final = HistGradientBoostingRegressor(**SMALL)
    stack = StackingRegressor(members, final_estimator=final, passthrough=passthrough, cv=3)
    parity(stack.fit(train, target(table(200, missing=False))), table(seed=1, missing=False)[NUMBERS])


def test_a_stack_behind_a_preparation(parity: Parity, table: Any, target: Any) -> None:
    members = [("a", LogisticRegression()), ("b", RidgeClassifier()), ("c", SGDClassifier(random_state=0))]
    pipeline = prepared(StackingClassifier(members, passthrough=True, cv=3))
    parity(pipeline.fit(table(), target(table(), classes=2)), table(seed=1, unseen=True))


def test_a_stack_that_passes_text_on_is_refused(table: Any, target: Any, schema: Any) -> None:
    train = table()[["visits", "city"]]
    member = HistGradientBoostingRegressor(categorical_features=["city"], **SMALL)
    final = HistGradientBoostingRegressor(categorical_features=[2], **SMALL)
    stack = StackingRegressor([("trees", member)], final_estimator=final, passthrough=True, cv=3)
    with pytest.raises(ConversionError, match=r"the StackingRegressor cannot become ONNX: it passes text on"):
        convert(stack.fit(train, target(table())), schema(train))


@pytest.mark.parametrize("weights", [None, [1, 2.5]])
@pytest.mark.parametrize("classes", [0, 2, 3])
def test_votes(parity: Parity, table: Any, target: Any, weights: Any, classes: int) -> None:
    train = table(200)
    if classes:
        trees: Any = HistGradientBoostingClassifier(categorical_features=["city", "plan"], **SMALL)
        members = [("linear", prepared(LogisticRegression())), ("trees", trees)]
        votes: Any = VotingClassifier(members, voting="soft", weights=weights)
    else:
        trees = HistGradientBoostingRegressor(categorical_features=["city", "plan"], **SMALL)
        votes = VotingRegressor([("linear", prepared(Ridge())), ("trees", trees)], weights=weights)
    parity(votes.fit(train, target(train, classes=classes)), table(seed=1, unseen=True))


@pytest.mark.parametrize("weights", [None, [1, 2.5, 1]])
@pytest.mark.parametrize("classes", [2, 3])
def test_counted_votes_of_which_the_first_of_equal_ones_wins(
    parity: Parity, table: Any, target: Any, weights: Any, classes: int
) -> None:
    train = table(200)
    members = [
        ("trees", HistGradientBoostingClassifier(categorical_features=["city", "plan"], **SMALL)),
        ("linear", prepared(LogisticRegression())),
        ("margin", prepared(LinearSVC(random_state=0))),
    ]
    votes = VotingClassifier(members, weights=weights).fit(train, target(train, classes=classes))
    parity(votes, table(seed=1, unseen=True))


def test_a_member_without_probabilities_is_named_where_they_are_averaged(table: Any, target: Any, schema: Any) -> None:
    train = table(missing=False)[NUMBERS]
    votes = VotingClassifier([("a", LogisticRegression()), ("b", LinearSVC(random_state=0))], voting="soft")
    pipeline = scaled(votes).fit(train, target(table(missing=False), classes=2))
    with pytest.raises(ConversionError, match=r"__b' \(LinearSVC\).*no probabilities, so scikit-learn.*voting='hard'"):
        convert(pipeline, schema(train))


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize(
    "model",
    [
        LinearSVC(random_state=0),
        HistGradientBoostingClassifier(**SMALL),
        GradientBoostingClassifier(n_estimators=8, random_state=0),
        RandomForestClassifier(4, random_state=0),
    ],
)
def test_calibrated_classifiers(parity: Parity, table: Any, target: Any, method: str, classes: int, model: Any) -> None:
    train = table(300, missing=False)[NUMBERS]
    calibrated = CalibratedClassifierCV(scaled(model), method=method, cv=3)
    parity(
        calibrated.fit(train, target(table(300, missing=False), classes=classes)), table(seed=1, missing=False)[NUMBERS]
    )


def test_a_classifier_calibrated_after_it_was_fitted(parity: Parity, table: Any, target: Any) -> None:
    train, labels = table(missing=False)[NUMBERS], target(table(missing=False), classes=2)
    fitted = scaled(LogisticRegression()).fit(train, labels)
    parity(CalibratedClassifierCV(FrozenEstimator(fitted)).fit(train, labels), table(seed=1, missing=False)[NUMBERS])


@pytest.mark.parametrize("search", [GridSearchCV, RandomizedSearchCV])
def test_of_a_search_the_best_is_taken(parity: Parity, table: Any, target: Any, search: Any) -> None:
    options: dict[str, Any] = {"random_state": 0, "n_iter": 2} if search is RandomizedSearchCV else {}
    grid = {"logisticregression__C": [0.1, 10.0]}
    found = search(prepared(LogisticRegression()), grid, cv=2, **options).fit(table(), target(table(), classes=2))
    parity(found, table(seed=1, unseen=True))


def test_a_search_may_be_a_step(parity: Parity, table: Any, target: Any) -> None:
    pipeline = prepared(GridSearchCV(Ridge(), {"alpha": [0.1, 10.0]}, cv=2))
    parity(pipeline.fit(table(), target(table())), table(seed=1, unseen=True))


@pytest.mark.parametrize("loss", ["log_loss", "modified_huber"])
@pytest.mark.parametrize("classes", [2, 3])
def test_stochastic_classifiers(parity: Parity, table: Any, target: Any, loss: str, classes: int) -> None:
    model = SGDClassifier(loss=loss, random_state=0, alpha=0.05)
    parity(prepared(model).fit(table(), target(table(), classes=classes)), table(seed=1, unseen=True))


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("model", [LinearSVC(random_state=0), RidgeClassifier(), SGDClassifier(random_state=0)])
def test_a_classifier_without_probabilities_answers_its_decision(
    parity: Parity, table: Any, target: Any, classes: int, model: Any
) -> None:
    train = table(missing=False)[NUMBERS]
    labels = target(table(missing=False), classes=classes)
    parity(scaled(model).fit(train, labels), table(seed=1, missing=False)[NUMBERS])


def test_a_member_that_has_no_exact_form_is_named(table: Any, target: Any, schema: Any) -> None:
    train = table(missing=False)[NUMBERS]
    stack = StackingClassifier(
        [("process", scaled(GaussianProcessClassifier())), ("linear", scaled(LogisticRegression()))], cv=3
    )
    with pytest.raises(ConversionError, match=r"step 'process__gaussianprocessclassifier' .* no exact conv"):
        convert(stack.fit(train, np.arange(200) % 2), schema(train))
