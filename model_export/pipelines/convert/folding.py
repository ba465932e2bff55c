"""Permutations of columns before a Gemm, moved into the constant of the Gemm, where they cost nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx

COLUMN_AXIS = 1


def fold_permutations(model: Any) -> None:
    """Rewire every Gemm(Gather(x, order), weights) to Gemm(x, weights in the order of x).

    Only where `order` is a constant permutation of all columns of x and no other node reads them permuted.
    The sums are the same numbers in another order.
    """
    graph = model.graph
    constants = {constant.name: constant for constant in graph.initializer}
    permutations = {node.output[0]: node for node in graph.node if _permutes_columns(node, constants)}
    if not permutations:
        return
    widths = _widths(model)
    uses = [name for node in graph.node for name in node.input] + [output.name for output in graph.output]
    for gemm in [node for node in graph.node if node.op_type == "Gemm" and not node.attribute]:
        gather = permutations.get(gemm.input[0])
        if gather is None or uses.count(gather.output[0]) > 1 or gemm.input[1] not in constants:
            continue
        order = onnx.numpy_helper.to_array(constants[gather.input[1]])
        # A permutation of the first columns of a wider tensor is a selection, which the weights cannot replace.
        if widths.get(gather.input[0]) != len(order):
            continue
        weights = onnx.numpy_helper.to_array(constants[gemm.input[1]])
        name = f"{gemm.output[0]}_weights"
        graph.initializer.append(onnx.numpy_helper.from_array(weights[np.argsort(order)], name))
        gemm.input[0], gemm.input[1] = gather.input[0], name
        graph.node.remove(gather)


def _permutes_columns(node: Any, constants: dict[str, Any]) -> bool:
    if node.op_type != "Gather" or node.input[1] not in constants:
        return False
    axis = next((attribute.i for attribute in node.attribute if attribute.name == "axis"), 0)
    order = onnx.numpy_helper.to_array(constants[node.input[1]])
    return axis == COLUMN_AXIS and order.ndim == 1 and sorted(order.tolist()) == list(range(len(order)))


def _widths(model: Any) -> dict[str, int]:
    """The second dimension of every tensor for which ONNX can infer it."""
    graph = onnx.shape_inference.infer_shapes(model).graph
    shapes = {value.name: value.type.tensor_type.shape.dim for value in (*graph.input, *graph.value_info)}
    return {name: dims[1].dim_value for name, dims in shapes.items() if len(dims) == 2 and dims[1].dim_value}
