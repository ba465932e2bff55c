"""Trees of scikit-learn as arrays, and the TreeEnsemble node (ai.onnx.ml 5, double) that evaluates them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from model_export.pipelines.convert.graph import ML, Graph

Array = NDArray[Any]
# Values of TreeEnsemble's attributes, as the ONNX operator numbers them.
SUM = 1
NO_TRANSFORM = 0
AT_MOST = 0
MEMBER = 6


@dataclass(frozen=True, slots=True)
class Tree:
    """Nodes of one tree, the root first; a row goes left where its feature is <= threshold.

    Where a library asks for less instead, the threshold is the number before its own.

    A node in `members` has no threshold: a row goes left where its feature is one of these values.
    """

    left: Array
    right: Array
    feature: Array
    threshold: Array
    missing_left: Array
    is_leaf: Array
    weight: Array
    members: Mapping[int, Array] = field(default_factory=dict)

    @property
    def leaves(self) -> int:
        return int(self.is_leaf.sum())


def constant_tree(value: float) -> Tree:
    """A tree with the same `value` for every row."""
    zero = np.zeros(1, dtype=np.int64)
    return Tree(
        left=zero,
        right=zero,
        feature=zero,
        threshold=np.zeros(1),
        missing_left=zero,
        is_leaf=np.ones(1, dtype=bool),
        weight=np.array([value]),
    )


def of_tree(tree: Any, weight: Array, columns: Array | None = None) -> Tree:
    """The tree in `estimator.tree_`; `weight` holds one value for each node.

    `columns` are those of the input that the tree was fitted on; None for all.
    """
    return Tree(
        left=tree.children_left,
        right=tree.children_right,
        feature=tree.feature if columns is None else columns[np.maximum(tree.feature, 0)],
        threshold=tree.threshold,
        missing_left=tree.missing_go_to_left,
        is_leaf=tree.children_left == -1,
        weight=weight,
    )


def of_histogram(predictor: Any) -> Tree:
    """The tree of one predictor of HistGradientBoosting; categories are numbered from 0.

    A missing category and one that training lacked are both NaN: they go where missing values go.
    """
    nodes = predictor.nodes
    return Tree(
        left=nodes["left"],
        right=nodes["right"],
        feature=nodes["feature_idx"],
        threshold=nodes["num_threshold"],
        missing_left=nodes["missing_go_to_left"],
        is_leaf=nodes["is_leaf"].astype(bool),
        weight=nodes["value"],
        members={
            int(node): numbers_in(predictor.raw_left_cat_bitsets[nodes["bitset_idx"][node]])
            for node in np.flatnonzero(nodes["is_categorical"] & ~nodes["is_leaf"].astype(bool))
        },
    )


def numbers_in(bitset: Array) -> Array:
    """Places of the bits that are 1, from the lowest bit of the first word; -1, which is no category, if none is."""
    numbers = np.flatnonzero(np.unpackbits(bitset.astype("<u4").view(np.uint8), bitorder="little"))
    return numbers if len(numbers) else np.array([-1])


def as_float32(graph: Graph, x: str) -> str:
    """Numbers rounded to float32 and back, as scikit-learn does before its trees, except histogram ones."""
    single = graph.op("Cast", x, to=onnx.TensorProto.FLOAT)
    return graph.op("Cast", single, to=onnx.TensorProto.DOUBLE)


def ensemble(
    graph: Graph, x: str, trees: Sequence[Tree], targets: Sequence[int], *, dtype: type[np.floating[Any]] = np.float64
) -> str:
    """[N, max(targets) + 1] of `dtype`: for each target the sum, in order, of its trees' leaf weights.

    `x` has the same type, in which thresholds are compared and weights are added.
    """
    parts = []
    nodes = leaves = 0
    for tree, target in zip(trees, targets, strict=True):
        part = _attributes(tree, target, nodes, leaves)
        nodes += len(part["nodes_featureids"])
        leaves += tree.leaves
        parts.append(part)
    joined: dict[str, Any] = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    # ONNX Runtime refuses the attribute where no node has members.
    if not len(joined["membership_values"]):
        del joined["membership_values"]
    tensors: dict[str, Any] = {
        "nodes_splits": dtype,
        "leaf_weights": dtype,
        "nodes_modes": np.uint8,
        "membership_values": dtype,
    }
    attributes: dict[str, Any] = {
        name: array.astype(tensors[name]) if name in tensors else array.astype(np.int64).tolist()
        for name, array in joined.items()
    }
    attributes |= {
        "n_targets": max(targets) + 1,
        "aggregate_function": SUM,
        "post_transform": NO_TRANSFORM,
    }
    return graph.op("TreeEnsemble", x, domain=ML, outputs=1, **attributes)


def _attributes(tree: Tree, target: int, first_node: int, first_leaf: int) -> dict[str, Array]:
    """The tree's part of the node's attributes; inner nodes and leaves are numbered apart."""
    inner = np.flatnonzero(~tree.is_leaf)
    position = np.where(tree.is_leaf, np.cumsum(tree.is_leaf) - 1, np.cumsum(~tree.is_leaf) - 1)
    position = position + np.where(tree.is_leaf, first_leaf, first_node)
    if len(inner) == 0:
        # A lone leaf needs a node above it, both branches of which lead to it.
        left = right = inner = np.zeros(1, dtype=np.int64)
    else:
        left, right = tree.left[inner].astype(np.int64), tree.right[inner].astype(np.int64)
    return {
        "tree_roots": np.array([first_node]),
        "nodes_featureids": np.maximum(tree.feature[inner], 0),
        "nodes_splits": np.where([node in tree.members for node in inner.tolist()], 0.0, tree.threshold[inner]),
        "nodes_modes": np.array([MEMBER if node in tree.members else AT_MOST for node in inner.tolist()]),
        "nodes_truenodeids": position[left],
        "nodes_trueleafs": tree.is_leaf[left],
        "nodes_falsenodeids": position[right],
        "nodes_falseleafs": tree.is_leaf[right],
        "nodes_missing_value_tracks_true": tree.missing_left[inner],
        "leaf_targetids": np.full(tree.leaves, target),
        "leaf_weights": tree.weight[tree.is_leaf],
        # NaN ends the values of each node.
        "membership_values": np.concatenate([[], *([*tree.members[node], np.nan] for node in sorted(tree.members))]),
    }
