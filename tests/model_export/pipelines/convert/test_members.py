"""Answers of members, by the method that an ensemble calls; the matrix has every kind of ensemble."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from skl2onnx.common._topology import Scope
from skl2onnx.common.data_types import DoubleTensorType, StringTensorType
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier, StackingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert
from model_export.pipelines.convert.inspection import StepRefusal
from model_export.pipelines.convert.members import least_score, numbers_of

NUMBERS = ["income", "age", "visits"]


@pytest.mark.parametrize(
    ("member", "least"), [(LogisticRegression(), 0.0), (LinearSVC(), 0.0), (RandomForestClassifier(), 0.5)]
)
def test_a_decision_is_above_0_and_a_probability_above_a_half(member: Any, least: float) -> None:
    assert least_score(member) == least


def test_a_decision_is_found_behind_the_steps_of_a_pipeline(
    parity: Callable[..., None], table: Any, target: Any
) -> None:
    train, labels = table(missing=False)[NUMBERS], target(table(missing=False), classes=3)
    inner = make_pipeline(StandardScaler(), make_pipeline(StandardScaler(), LogisticRegression())).fit(train, labels)
    calibrated = CalibratedClassifierCV(FrozenEstimator(inner)).fit(train, labels)
    parity(calibrated, table(seed=1, missing=False)[NUMBERS])


def test_labels_that_are_no_numbers_from_0_are_refused_in_a_stack(table: Any, target: Any, schema: Any) -> None:
    train = table(missing=False)[NUMBERS]
    labels = target(table(missing=False), classes=2) + 3
    member = DecisionTreeClassifier(max_depth=2).fit(train, labels)
    stack = StackingClassifier([("tree", member)], LogisticRegression(), stack_method="predict", cv="prefit")
    with pytest.raises(ConversionError, match=r"not the numbers from 0.*use stack_method='auto'"):
        convert(stack.fit(train, labels), schema(train))


@pytest.mark.parametrize("kinds", [(StringTensorType,), (DoubleTensorType, StringTensorType)])
def test_an_ensemble_that_reads_rows_itself_gets_no_text(kinds: Any) -> None:
    scope = Scope("test")
    inputs = [scope.declare_local_variable("x", kind([None, 1])) for kind in kinds]
    with pytest.raises(StepRefusal, match="it gets text; encode the text columns"):
        numbers_of(scope, RandomForestClassifier(), inputs)
