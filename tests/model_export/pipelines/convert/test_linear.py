"""Linear models over tables and over documents equal scikit-learn; others are refused by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import (
    ElasticNet,
    Lasso,
    LinearRegression,
    LogisticRegression,
    LogisticRegressionCV,
    Ridge,
    RidgeClassifier,
    SGDClassifier,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.naive_bayes import BernoulliNB, ComplementNB, MultinomialNB
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert, export, linear
from model_export.pipelines.convert.graph import InexactError
from model_export.pipelines.convert.linear import LINEAR_CLASSIFIERS, WITH_DECISION, linear_classifier_of
from model_export.pipelines.edge_rows import TEXTS
from tests.generated import examples
from tests.model_export.pipelines.convert.texts import SCHEMA, TASK, TOPICS, assert_text_parity, corpus, stochastic

NUMBERS = ["income", "age", "visits"]


def scaled(model: Any) -> Pipeline:
    return Pipeline([("scale", StandardScaler()), ("model", model)])


@pytest.mark.parametrize(
    "model",
    [LinearRegression(), LinearRegression(fit_intercept=False), Ridge(), Lasso(0.01), ElasticNet(0.01)],
    ids=str,
)
def test_linear_regression(parity: Callable[..., None], table: Any, target: Any, model: Any) -> None:
    train = table(missing=False)
    parity(scaled(model).fit(train[NUMBERS], target(train)), table(seed=1, missing=False)[NUMBERS])


@pytest.mark.parametrize("solver", ["liblinear", "lbfgs"])
@pytest.mark.parametrize("labels", [["no", "yes"], [3, 7], [False, True]])
def test_two_classes(parity: Callable[..., None], table: Any, target: Any, solver: str, labels: list[Any]) -> None:
    train = table(missing=False)
    y = np.array(labels)[target(train, classes=2)]
    parity(scaled(LogisticRegression(solver=solver)).fit(train[NUMBERS], y), table(400, seed=1, missing=False)[NUMBERS])


def test_several_classes(parity: Callable[..., None], table: Any, target: Any) -> None:
    train = table(missing=False)
    y = np.array(["baja", "média", "high", "top"])[target(train, classes=4)]
    parity(scaled(LogisticRegression()).fit(train[NUMBERS], y), table(400, seed=1, missing=False)[NUMBERS])


def test_a_score_of_zero_is_the_first_class_and_extreme_scores_stay_probabilities(
    parity: Callable[..., None],
) -> None:
    model = LogisticRegression().fit(pd.DataFrame({"x": [-1.0, 1.0]}), [0, 1])
    model.coef_, model.intercept_ = np.array([[1.0]]), np.array([0.0])
    parity(model, pd.DataFrame({"x": [0.0, -0.0, 5e-324, -800.0, 800.0, 30.0, -30.0]}))


@given(scores=st.lists(st.floats(-700, 700), min_size=1, max_size=20))
@examples(25, share_fixtures=True)
def test_any_score_has_the_same_probability(parity: Callable[..., None], scores: list[float]) -> None:
    model = LogisticRegression().fit(pd.DataFrame({"x": [-1.0, 1.0]}), ["no", "sí"])
    model.coef_, model.intercept_ = np.array([[1.0]]), np.array([0.0])
    parity(model, pd.DataFrame({"x": scores}))


def test_a_model_fitted_in_single_precision_is_refused(table: Any, target: Any, schema: Any) -> None:
    train = table(missing=False)[["visits"]].astype(np.float32)
    model = Ridge().fit(train, target(table(missing=False)).astype(np.float32))
    with pytest.raises(ConversionError, match="fitted on float32 numbers; fit it on float64"):
        convert(model, schema(train))


CLASSIFIERS = {
    "log_loss": stochastic(),
    "log_loss, far from 0": stochastic(alpha=1e-7),
    "log_loss, averaged": stochastic(average=True, learning_rate="adaptive", eta0=0.1),
    "modified_huber": stochastic(loss="modified_huber"),
    "modified_huber, often 0": stochastic(loss="modified_huber", alpha=1e-6),
    "logistic": LogisticRegression(),
    "logistic without intercept": LogisticRegression(fit_intercept=False, C=100),
    "multinomial": MultinomialNB(),
    "multinomial, prior": MultinomialNB(fit_prior=False, alpha=0.01),
    "complement": ComplementNB(),
    "complement, normed": ComplementNB(norm=True),
    "Bernoulli": BernoulliNB(),
    "Bernoulli, often": BernoulliNB(binarize=0.3, alpha=0.1),
    "hinge": SGDClassifier(random_state=0),
    "calibrated": CalibratedClassifierCV(LinearSVC(random_state=0), cv=2),
    "calibrated, isotonic": CalibratedClassifierCV(MultinomialNB(), method="isotonic", cv=2),
    "one against the rest": OneVsRestClassifier(LogisticRegression()),
    "one against the rest, margin": OneVsRestClassifier(LinearSVC(random_state=0)),
    "one against one": OneVsOneClassifier(LinearSVC(random_state=0)),
    "votes": VotingClassifier([("a", LogisticRegression()), ("b", ComplementNB())], voting="soft"),
    "counted votes": VotingClassifier([("a", LogisticRegression()), ("b", LinearSVC(random_state=0))]),
    "a stack": StackingClassifier([("a", LinearSVC(random_state=0)), ("b", MultinomialNB())], cv=2),
    "margin": LinearSVC(random_state=0),
    "ridge": RidgeClassifier(),
    "logistic, by folds": LogisticRegressionCV(
        Cs=2, cv=2, l1_ratios=(0,), use_legacy_attributes=False, scoring="accuracy"
    ),
}


@pytest.mark.parametrize("topics", [2, 4])
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier_equals_the_original(name: str, topics: int) -> None:
    texts, tags = corpus(topics)
    for vectorizer in (TfidfVectorizer(), CountVectorizer()):
        pipeline = Pipeline([("vectorizer", vectorizer), ("model", CLASSIFIERS[name])]).fit(texts, tags)
        assert_text_parity(pipeline, [*texts[:40], *TEXTS, *corpus(4, 20)[0], ""])


def test_two_classes_of_liblinear() -> None:
    texts, tags = corpus(2)
    assert_text_parity(
        Pipeline([("v", CountVectorizer()), ("m", LogisticRegression(solver="liblinear"))]).fit(texts, tags), texts
    )


def test_coefficients_may_be_sparse() -> None:
    texts, tags = corpus(4)
    pipeline = Pipeline([("v", TfidfVectorizer()), ("m", stochastic(penalty="l1", alpha=1e-3))]).fit(texts, tags)
    pipeline["m"].sparsify()
    assert_text_parity(pipeline, texts)


def test_more_coefficients_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "MOST_COEFFICIENTS", 20)
    texts, tags = corpus(4)
    pipeline = Pipeline([("v", CountVectorizer()), ("m", stochastic())]).fit(texts, tags)
    with pytest.raises(ConversionError, match="4 classes, and the limit is 20 coefficients; set max_features"):
        export(TASK, pipeline, SCHEMA)


def test_terms_without_a_coefficient_share_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    texts, tags = corpus(4)
    options = {"penalty": "l1", "alpha": 0.02}
    pipeline = Pipeline([("v", CountVectorizer(analyzer="char", ngram_range=(1, 3))), ("m", stochastic(**options))])
    pipeline.fit(texts, tags)
    assert 0 < 2 * pipeline[-1].coef_.any(axis=0).sum() < pipeline[-1].coef_.shape[1]
    assert_text_parity(pipeline, [*texts, *TEXTS])


def test_numeric_labels_keep_their_order() -> None:
    texts, tags = corpus(4)
    numbers = [10 * list(TOPICS).index(tag) for tag in tags]
    assert_text_parity(Pipeline([("v", TfidfVectorizer()), ("m", stochastic())]).fit(texts, numbers), texts)


OVER_DENSE_TERMS: dict[str, Any] = {
    "dummy": DummyClassifier(),
    "bags of trees": BaggingClassifier(n_estimators=3, random_state=0),
    "a member that is not linear": VotingClassifier([("d", DummyClassifier()), ("l", stochastic())], voting="soft"),
    "terms passed on": StackingClassifier([("l", stochastic())], cv=2, passthrough=True),
}


@pytest.mark.parametrize("name", OVER_DENSE_TERMS)
def test_classifiers_that_are_not_linear_read_dense_terms(name: str) -> None:
    texts, tags = corpus(4)
    pipeline = Pipeline([("v", CountVectorizer()), ("m", OVER_DENSE_TERMS[name])]).fit(texts, tags)
    assert "text_columns.json" in export(TASK, pipeline, SCHEMA)
    assert_text_parity(pipeline, texts)


def test_the_ones_with_a_decision_function_are_those_of_scores() -> None:
    assert set(LINEAR_CLASSIFIERS) - set(WITH_DECISION) == {MultinomialNB, ComplementNB}


def test_one_row_of_coefficients_is_for_the_second_of_two_classes() -> None:
    model = LogisticRegression().fit([[0.0], [1.0]], ["no", "yes"])
    made = linear_classifier_of(model)
    assert (made.coefficients.tolist(), made.intercept.tolist()) == (
        model.coef_.tolist(),
        model.intercept_.tolist(),
    )


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_coefficients_that_are_not_finite_are_refused(value: float) -> None:
    model = LogisticRegression().fit([[0.0], [1.0]], ["no", "yes"])
    model.coef_ = np.array([[value]])
    with pytest.raises(InexactError, match="not all finite; regularize it more"):
        linear_classifier_of(model)
