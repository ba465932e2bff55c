"""Trees as arrays, and the node that evaluates them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.tree import DecisionTreeRegressor

from model_export.pipelines.convert.graph import Graph
from model_export.pipelines.convert.trees import Tree, as_float32, constant_tree, ensemble, of_histogram, of_tree
from tests.model_export.pipelines.convert.small_graph import evaluate

X = np.array([[0.0], [1.0], [2.0], [3.0]])
Y = np.array([10.0, 20.0, 30.0, 40.0])


def summed(*trees: Tree, targets: list[int], x: Any = X) -> Any:
    return evaluate(lambda graph, name: ensemble(graph, name, trees, targets), x)[0]


def test_a_tree_is_evaluated_as_scikit_learn_does() -> None:
    fitted = DecisionTreeRegressor(random_state=0).fit(X, Y)
    tree = of_tree(fitted.tree_, fitted.tree_.value[:, 0, 0])
    assert tree.leaves == 4
    assert summed(tree, targets=[0]).ravel().tolist() == Y.tolist()


def test_trees_are_added_for_each_target() -> None:
    found = summed(constant_tree(1.0), constant_tree(2.0), constant_tree(5.0), targets=[0, 1, 0])
    assert found.tolist() == [[6.0, 2.0]] * 4


def test_trees_of_inner_nodes_and_lone_leaves_may_be_mixed() -> None:
    fitted = DecisionTreeRegressor(random_state=0).fit(X, Y)
    tree = of_tree(fitted.tree_, fitted.tree_.value[:, 0, 0])
    found = summed(constant_tree(0.5), tree, constant_tree(-1.0), tree, targets=[0, 0, 0, 0])
    assert found.ravel().tolist() == (2 * Y - 0.5).tolist()


def test_a_row_goes_left_where_its_value_is_a_member_and_missing_values_where_training_sent_them() -> None:
    tree = Tree(
        left=np.array([1, 0, 0]),
        right=np.array([2, 0, 0]),
        feature=np.array([0, 0, 0]),
        threshold=np.zeros(3),
        missing_left=np.array([1, 0, 0]),
        is_leaf=np.array([False, True, True]),
        weight=np.array([0.0, 7.0, -7.0]),
        members={0: np.array([1, 3])},
    )
    x = np.array([[0.0], [1.0], [2.0], [3.0], [np.nan]])
    assert summed(tree, targets=[0], x=x).ravel().tolist() == [-7.0, 7.0, -7.0, 7.0, 7.0]


@pytest.mark.parametrize("count", [3, 40, 100])
def test_categories_of_a_histogram_tree_are_read_from_its_bits(count: int) -> None:
    codes = np.repeat(np.arange(count), 30).reshape(-1, 1).astype(float)
    is_odd = codes.ravel() % 2
    model = HistGradientBoostingRegressor(
        max_iter=1, learning_rate=1.0, categorical_features=[0], min_samples_leaf=1, l2_regularization=0.0
    ).fit(codes, is_odd)
    (predictor,) = model._predictors[0]
    (members,) = [members.tolist() for members in of_histogram(predictor).members.values()][:1]
    assert set(members) in ({code for code in range(count) if code % 2}, {code for code in range(0, count, 2)})


def test_numbers_are_rounded_as_before_scikit_learns_trees() -> None:
    def rounded(graph: Graph, x: str) -> str:
        return as_float32(graph, x)

    (found,) = evaluate(rounded, np.array([[0.1, 16777217.0]]))
    assert found.dtype == np.float64
    assert found.tolist() == np.array([[0.1, 16777217.0]], dtype=np.float32).astype(float).tolist()
