"""Decision trees and forests: the mean of the trees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx

from model_export.pipelines.convert.graph import Graph, InexactError, Tensor
from model_export.pipelines.convert.probabilities import highest
from model_export.pipelines.convert.trees import as_float32, ensemble, of_tree


def tree_regressor(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    members = _members(estimator)
    trees = [of_tree(tree, tree.value[:, 0, 0]) for tree in members]
    total = ensemble(graph, as_float32(graph, inputs[0].name), trees, [0] * len(trees))
    if len(trees) > 1:
        total = graph.op("Div", total, graph.constant(np.array(float(len(trees)))))
    return (graph.flat(total),)


def tree_classifier(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """Look up the leaf that each tree reaches, and add the class fractions of the leaves tree by tree.

    Tied classes are common in forests. Adding in the order of scikit-learn gives the same doubles, so the same class.
    """
    members = _members(estimator)
    trees, fractions, leaves = [], [], 0
    for tree in members:
        is_leaf = tree.children_left == -1
        trees.append(of_tree(tree, leaves + np.cumsum(is_leaf) - 1.0))
        fractions.append(tree.value[is_leaf, 0, :])
        leaves += int(is_leaf.sum())
    reached = ensemble(graph, as_float32(graph, inputs[0].name), trees, range(len(trees)))
    leaf = graph.op("Cast", reached, to=onnx.TensorProto.INT64)
    votes = graph.op("Gather", graph.constant(np.concatenate(fractions)), leaf, axis=0)
    if len(trees) > 1:
        # CumSum adds one tree after the other; ReduceSum would add in blocks, which rounds otherwise.
        votes = graph.op("CumSum", votes, graph.constant(np.array(1, dtype=np.int64)))
    total = graph.op("Gather", votes, graph.constant(np.array(len(trees) - 1, dtype=np.int64)), axis=1)
    probabilities = graph.op("Div", total, graph.constant(np.array(float(len(trees)))))
    return highest(graph, probabilities), probabilities


def _members(estimator: Any) -> list[Any]:
    if estimator.n_outputs_ != 1:
        raise InexactError("it predicts several targets; train one model for each")
    return [member.tree_ for member in getattr(estimator, "estimators_", [estimator])]
