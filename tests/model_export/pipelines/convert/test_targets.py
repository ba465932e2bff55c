"""Every estimator of several targets gives the predictions of scikit-learn for each target, through the predictor."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import pytest
from sklearn import ensemble, linear_model, multioutput, neural_network, svm
from sklearn.exceptions import ConvergenceWarning

from functions.core.errors import ConversionError
from model_export.pipelines.convert.targets import target_classes, target_count
from tests.model_export.pipelines.convert.beside import (
    asked,
    check_labels,
    close,
    hostile,
    numbers,
    opened,
    places,
    rows,
)
from tests.model_export.pipelines.convert.matrix import several_targets as estimators

COUNTS = (1, 2, 3, 7)


@pytest.fixture(autouse=True)
def _without_warnings_of_fits() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        warnings.simplefilter("ignore", UserWarning)
        yield


@pytest.mark.parametrize("targets", COUNTS)
@pytest.mark.parametrize("name", estimators.REGRESSORS)
def test_a_regressor_predicts_each_target_as_scikit_learn_does(name: str, targets: int) -> None:
    pipeline = estimators.REGRESSORS[name]().fit(rows(), numbers(targets))
    assert target_count(pipeline) == targets
    frame = hostile()
    expected = np.asarray(pipeline.predict(frame)).reshape(len(frame), targets)
    found = asked(opened(pipeline, "tabular-regression", targets), frame, targets)
    for column, values in zip(expected.T, found, strict=True):
        close(values, column)


@pytest.mark.parametrize("targets", COUNTS)
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("name", estimators.OF_CLASSES)
def test_a_classifier_predicts_each_target_as_scikit_learn_does(name: str, classes: int, targets: int) -> None:
    labels = np.array(["ño", "sí", "maybe"], dtype=object)[places(targets, classes)]
    pipeline = estimators.OF_CLASSES[name]().fit(rows(), labels)
    found = check_labels(pipeline, targets)
    expected = pipeline.predict_proba(hostile())
    expected = expected if isinstance(expected, list) else [expected]
    for own, probabilities, answers in zip(target_classes(pipeline), expected, found, strict=True):
        assert list(answers[0]["scores"]) == own
        close([list(one["scores"].values()) for one in answers], probabilities)


@pytest.mark.parametrize("targets", COUNTS)
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("name", estimators.WITH_DECISION)
def test_a_classifier_without_probabilities_has_a_decision_for_each_target(
    name: str, classes: int, targets: int
) -> None:
    pipeline = estimators.WITH_DECISION[name]().fit(rows(), places(targets, classes))
    found, frame = check_labels(pipeline, targets), hostile()
    last = pipeline
    if hasattr(pipeline, "steps"):
        last, frame = pipeline[-1], pipeline[:-1].transform(frame)
    for member, answers in zip(last.estimators_, found, strict=True):
        decisions = [one["decision"] for one in answers]
        numbers_of_rows = decisions if classes == 2 else [list(one.values()) for one in decisions]
        close(numbers_of_rows, member.decision_function(frame))


@pytest.mark.parametrize("targets", COUNTS)
@pytest.mark.parametrize("name", estimators.OF_LABELS)
def test_a_matrix_of_labels_is_predicted_as_scikit_learn_does(name: str, targets: int) -> None:
    pipeline = estimators.OF_LABELS[name]().fit(rows(), places(targets, 2))
    found = check_labels(pipeline, targets)
    expected = pipeline.predict_proba(hostile())
    for column, answers in zip(expected[:, -targets:].T, found, strict=True):
        close([one["scores"]["1"] for one in answers], column)
        close([one["scores"]["0"] for one in answers], 1 - column)


@pytest.mark.parametrize("targets", COUNTS)
@pytest.mark.parametrize("name", estimators.LABELS_WITH_DECISION)
def test_a_matrix_of_labels_without_probabilities_has_decisions(name: str, targets: int) -> None:
    pipeline = estimators.LABELS_WITH_DECISION[name]().fit(rows(), places(targets, 2))
    found = check_labels(pipeline, targets)
    expected = pipeline.decision_function(hostile()).reshape(-1, targets)
    for column, answers in zip(expected.T, found, strict=True):
        close([one["decision"] for one in answers], column)


CONSTANT_REGRESSORS = (
    "LinearRegression",
    "RandomForestRegressor",
    "KNeighborsRegressor",
    "MultiOutputRegressor(HistGradientBoosting)",
    "RegressorChain(Ridge)",
    "TransformedTargetRegressor, scaled",
    "TransformedTargetRegressor, powers",
    "TransformedTargetRegressor, quantiles",
)


@pytest.mark.parametrize("name", CONSTANT_REGRESSORS)
def test_a_target_that_never_changes_is_predicted_as_it_is(name: str) -> None:
    values = numbers(3)
    values[:, 1] = 7.0
    pipeline = estimators.REGRESSORS[name]().fit(rows(), values)
    found = asked(opened(pipeline, "tabular-regression", 3), hostile(), 3)
    close(np.array(found).T, pipeline.predict(hostile()))


@pytest.mark.parametrize("name", ["DecisionTreeClassifier", "RandomForestClassifier", "KNeighborsClassifier"])
def test_a_class_that_never_changes_is_the_only_one_of_its_target(name: str) -> None:
    labels = places(3, 3)
    labels[:, 1] = 2
    pipeline = estimators.OF_CLASSES[name]().fit(rows(), labels)
    found = check_labels(pipeline, 3)
    assert found[1][0] == {"label": "2", "score": 1.0, "scores": {"2": 1.0}}


def test_targets_with_other_numbers_of_classes_keep_their_own() -> None:
    labels = np.column_stack([places(1, 2), places(1, 3), places(2, 2)[:, 1:]])
    for name in ("RandomForestClassifier", "KNeighborsClassifier", "MultiOutputClassifier(LogisticRegression)"):
        found = check_labels(estimators.OF_CLASSES[name]().fit(rows(), labels), 3)
        assert [len(one[0]["scores"]) for one in found] == [2, 3, 2]


def test_the_classes_of_a_chain_are_in_the_order_of_its_targets() -> None:
    labels = places(2, 2) + np.array([0, 5])
    chain = multioutput.ClassifierChain(linear_model.LogisticRegression(), order=[1, 0]).fit(rows(), labels)
    assert target_classes(chain) == [[0, 1], [5, 6]]
    check_labels(chain, 2)


def test_a_stack_of_several_targets_is_refused_with_the_nearest_way() -> None:
    stack = ensemble.StackingClassifier(
        [("net", neural_network.MLPClassifier((3,), max_iter=5))],
        final_estimator=neural_network.MLPClassifier((3,), max_iter=5),
        cv=2,
    ).fit(rows(), places(2, 2))
    with pytest.raises(ConversionError, match=r"put a StackingClassifier of one target into a MultiOutputClassifier"):
        opened(stack, "tabular-classification", 2)


def test_what_is_not_of_scikit_learn_counts_as_one_target() -> None:
    assert target_count(svm.SVR().fit(rows(), numbers(1)[:, 0])) == 1
