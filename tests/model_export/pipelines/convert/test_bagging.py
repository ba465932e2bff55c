"""Bagging: members that know some of the classes, or have nothing but labels; the matrix compares whole ensembles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import BaggingClassifier, BaggingRegressor
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeClassifier

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert
from model_export.pipelines.convert.bagging import Placed, convert_placed
from model_export.pipelines.convert.graph import Tensor
from tests.model_export.pipelines.convert.small_graph import evaluate


def test_probabilities_of_some_classes_are_put_at_their_places() -> None:
    given = np.array([[0.25, 0.75], [1.0, 0.0]])
    placed = Placed((2, 0), 4, is_label=False)
    (found,) = evaluate(lambda graph, x: convert_placed(graph, placed, [Tensor(x, False, 2)]), given)
    assert found.tolist() == [[0.75, 0.0, 0.25, 0.0], [0.0, 0.0, 1.0, 0.0]]


def test_a_label_is_a_whole_vote() -> None:
    placed = Placed((0, 2), 3, is_label=True)
    (found,) = evaluate(lambda graph, x: convert_placed(graph, placed, [Tensor(x, False)]), np.array([1, 0]))
    assert found.tolist() == [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]


def test_the_predictions_of_members_are_averaged(parity: Any, table: Any) -> None:
    train = table(missing=False)[["age", "visits"]]
    parity(BaggingRegressor(LinearRegression(), 2, random_state=0).fit(train, train["age"]), train)


def test_a_member_is_named_in_a_refusal(table: Any, schema: Any) -> None:
    train = table(missing=False)[["age", "visits"]]
    model = BaggingClassifier(BaggingClassifier(Own(), 1), 1).fit(train, np.arange(200) % 2)
    with pytest.raises(ConversionError, match=r"step 'member_0__member_0' \(Own\) cannot become ONNX"):
        convert(model, schema(train))


class Own(DecisionTreeClassifier):  # type: ignore[misc]
    """A class of one's own."""
