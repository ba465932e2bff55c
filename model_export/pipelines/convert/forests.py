"""Decision trees and forests: the mean of the trees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from sklearn import tree

from model_export.pipelines.convert.graph import Graph, Tensor
from model_export.pipelines.convert.probabilities import highest, highest_of_each
from model_export.pipelines.convert.trees import Array, as_float32, ensemble, of_tree

TREES: tuple[type, ...] = (
    tree.DecisionTreeClassifier,
    tree.DecisionTreeRegressor,
    tree.ExtraTreeClassifier,
    tree.ExtraTreeRegressor,
)


def tree_regressor(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    members = _members(estimator)
    if estimator.n_outputs_ > 1:
        leaves = [member.value[member.children_left == -1, :, 0] for member in members]
        return (mean_of_leaves(graph, inputs[0].name, members, leaves),)
    trees = [of_tree(member, member.value[:, 0, 0]) for member in members]
    total = ensemble(graph, as_float32(graph, inputs[0].name), trees, [0] * len(trees))
    if len(trees) > 1:
        total = graph.op("Div", total, graph.constant(np.array(float(len(trees)))))
    return (graph.flat(total),)


def tree_classifier(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """Add the class fractions of the leaves that are reached, tree by tree.

    Tied classes are common in forests. Adding in the order of scikit-learn gives the same doubles, so the same class.
    """
    members = _members(estimator)
    classes = np.atleast_1d(estimator.n_classes_).tolist()
    fractions = [
        # the targets side by side, each with as many columns as it has classes
        np.hstack([member.value[member.children_left == -1, target, :count] for target, count in enumerate(classes)])
        for member in members
    ]
    probabilities = mean_of_leaves(graph, inputs[0].name, members, fractions)
    if len(classes) > 1:
        return highest_of_each(graph, probabilities, classes), probabilities
    return highest(graph, probabilities), probabilities


def mean_of_leaves(
    graph: Graph, x: str, trees: Sequence[Any], values: Sequence[Array], columns: Sequence[Array] | None = None
) -> str:
    """[N, K]: the mean of the values [leaves, K] of the leaf that each tree reaches."""
    total = sum_of_leaves(graph, x, trees, values, columns)
    return graph.op("Div", total, graph.constant(np.array(float(len(trees)))))


def sum_of_leaves(
    graph: Graph, x: str, trees: Sequence[Any], values: Sequence[Array], columns: Sequence[Array] | None = None
) -> str:
    """[N, K]: the values [leaves, K] of the leaf that each tree reaches, added up tree by tree."""
    numbered, leaves = [], 0
    for place, member in enumerate(trees):
        is_leaf = member.children_left == -1
        number = leaves + np.cumsum(is_leaf) - 1.0
        numbered.append(of_tree(member, number, None if columns is None else columns[place]))
        leaves += int(is_leaf.sum())
    reached = ensemble(graph, as_float32(graph, x), numbered, range(len(numbered)))
    leaf = graph.op("Cast", reached, to=onnx.TensorProto.INT64)
    found = graph.op("Gather", graph.constant(np.concatenate(values)), leaf, axis=0)
    return last_sum(graph, found, len(trees))


def last_sum(graph: Graph, parts: str, count: int) -> str:
    """[N, K] from [N, M, K]: CumSum adds one after the other; ReduceSum would add in blocks, which rounds otherwise."""
    if count > 1:
        parts = graph.op("CumSum", parts, graph.constant(np.array(1, dtype=np.int64)))
    return graph.op("Gather", parts, graph.constant(np.array(count - 1, dtype=np.int64)), axis=1)


def are_trees(members: Sequence[Any]) -> bool:
    """True for plain decision trees, which one node can evaluate together."""
    return all(type(member) in TREES for member in members)


def _members(estimator: Any) -> list[Any]:
    return [member.tree_ for member in getattr(estimator, "estimators_", [estimator])]
