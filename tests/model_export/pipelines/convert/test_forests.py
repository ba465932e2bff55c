"""Trees and forests equal scikit-learn, ties and missing values included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from tests.generated import examples

NUMBERS = ["income", "age", "visits"]


@pytest.mark.parametrize("missing", [True, False])
@pytest.mark.parametrize("kind", [DecisionTreeRegressor, RandomForestRegressor, ExtraTreesRegressor])
def test_regression_sends_missing_values_where_training_did(
    parity: Callable[..., None], table: Any, target: Any, kind: Any, missing: bool
) -> None:
    size = {} if kind is DecisionTreeRegressor else {"n_estimators": 12}
    train = table(300, missing=missing)
    parity(kind(random_state=0, **size).fit(train[NUMBERS], target(train)), table(300, seed=1)[NUMBERS])


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("depth", [3, None])
@pytest.mark.parametrize("kind", [DecisionTreeClassifier, RandomForestClassifier, ExtraTreesClassifier])
def test_classification_with_missing_values(
    parity: Callable[..., None], table: Any, target: Any, kind: Any, depth: int | None, classes: int
) -> None:
    size = {} if kind is DecisionTreeClassifier else {"n_estimators": 12}
    train = table(300)
    model = kind(max_depth=depth, random_state=0, **size)
    parity(model.fit(train[NUMBERS], target(train, classes=classes)), table(300, seed=1)[NUMBERS])


@given(
    cells=st.lists(
        st.tuples(st.sampled_from([0.0, 1.0, 2.0, float("nan")]), st.sampled_from([0.0, 1.0]), st.integers(0, 2)),
        min_size=4,
        max_size=20,
    ),
    trees=st.integers(1, 9),
)
@examples(40, share_fixtures=True)
def test_tied_votes_go_to_the_same_class(parity: Callable[..., None], cells: list[Any], trees: int) -> None:
    table = pd.DataFrame([row[:2] for row in cells], columns=["x", "y"])
    model = RandomForestClassifier(n_estimators=trees, min_samples_leaf=2, random_state=0)
    parity(model.fit(table, [row[2] for row in cells]), table)


def test_thresholds_are_compared_in_single_precision(parity: Callable[..., None]) -> None:
    close = np.array([0.1, np.nextafter(0.1, 1), np.float32(0.1), 16777217.0, 16777216.0])
    model = DecisionTreeRegressor(random_state=0).fit(pd.DataFrame({"x": close}), np.arange(5.0))
    parity(model, pd.DataFrame({"x": np.concatenate([close, np.nextafter(close, 0), close * (1 + 1e-8)])}))


@pytest.mark.parametrize("kind", [RandomForestRegressor, RandomForestClassifier])
def test_trees_of_a_single_leaf(parity: Callable[..., None], table: Any, kind: Any) -> None:
    train = table(20)[NUMBERS]
    parity(kind(n_estimators=3).fit(train, np.ones(20)), table(10, seed=1)[NUMBERS])
