"""Chains, members side by side, and labels that one classifier each tells from the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from sklearn import linear_model, multiclass, multioutput, svm

from functions.core.errors import ConversionError
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

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.parametrize("constant", [0, 1, 2])
@pytest.mark.parametrize("value", [0, 1])
@pytest.mark.parametrize("name", ["OneVsRestClassifier(LogisticRegression)", "MLPClassifier", "RidgeClassifier"])
def test_a_label_that_never_changes_keeps_both_values(name: str, value: int, constant: int) -> None:
    labels = places(3, 2)
    labels[:, constant] = value
    known: Mapping[str, Any] = {**estimators.OF_LABELS, **estimators.LABELS_WITH_DECISION}
    pipeline = known[name]().fit(rows(), labels)
    found = check_labels(pipeline, 3)
    if hasattr(pipeline, "predict_proba"):
        close([one["scores"]["1"] for one in found[constant]], pipeline.predict_proba(hostile())[:, constant])


def test_a_chain_of_more_than_two_classes_is_refused() -> None:
    chain = multioutput.ClassifierChain(linear_model.LogisticRegression()).fit(rows(), places(2, 3))
    with pytest.raises(ConversionError, match="a target of it has 3 classes; a chain is for two each"):
        opened(chain, "tabular-classification", 2)


def test_a_chain_by_logarithms_is_refused_with_what_to_set() -> None:
    chain = multioutput.ClassifierChain(linear_model.LogisticRegression(), chain_method="predict_log_proba")
    with pytest.raises(ConversionError, match="set 'predict_proba'"):
        opened(chain.fit(rows(), places(2, 2)), "tabular-classification", 2)


def test_a_chain_passes_on_the_classes_themselves() -> None:
    """Not their places: 3 and 8 are what the next member was fitted on."""
    labels = places(3, 2) * 5 + 3
    check_labels(multioutput.ClassifierChain(linear_model.LogisticRegression()).fit(rows(), labels), 3)


def test_a_chain_answers_in_the_order_of_the_targets() -> None:
    chain = multioutput.RegressorChain(linear_model.Ridge(), order=[2, 0, 1]).fit(rows(), numbers(3))
    found = asked(opened(chain, "tabular-regression", 3), hostile(), 3)
    close(np.array(found).T, chain.predict(hostile()))


def test_labels_without_probabilities_behind_one_that_never_changes_are_refused() -> None:
    """scikit-learn itself promises probabilities there, and fails."""
    labels = places(3, 2)
    labels[:, 0] = 0
    several = multiclass.OneVsRestClassifier(svm.LinearSVC()).fit(rows(), labels)
    with pytest.raises(ConversionError, match="fit it on rows with both values of that label"):
        opened(several, "tabular-classification", 3)


def test_a_member_of_one_class_answers_the_same_for_every_row() -> None:
    """scikit-learn has two probabilities there, the second of no class."""
    labels = places(3, 3)
    labels[:, 1] = 2
    build = estimators.OF_CLASSES["MultiOutputClassifier(HistGradientBoosting)"]
    found = check_labels(build().fit(rows(), labels), 3)
    assert found[1] == [{"label": "2", "score": 1.0, "scores": {"2": 1.0}}] * len(hostile())
