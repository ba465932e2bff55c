"""Permutations before a Gemm go into its weights, and nothing else is touched."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from model_export.pipelines.convert.folding import fold_permutations

WEIGHTS = np.array([[1.0], [10.0], [100.0]])


def model(order: list[int], *, axis: int = 1, reads_twice: bool = False) -> Any:
    """Gemm(Gather(x, order), weights) over three columns."""
    nodes = [
        onnx.helper.make_node("Gather", ["x", "order"], ["permuted"], axis=axis),
        onnx.helper.make_node("Gemm", ["permuted", "weights"], ["y"]),
    ]
    outputs = [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.DOUBLE, [None, 1])]
    if reads_twice:
        nodes.append(onnx.helper.make_node("Neg", ["permuted"], ["negative"]))
        outputs.append(onnx.helper.make_tensor_value_info("negative", onnx.TensorProto.DOUBLE, [None, len(order)]))
    graph = onnx.helper.make_graph(
        nodes,
        "test",
        [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.DOUBLE, [None, 3])],
        outputs,
        [
            onnx.numpy_helper.from_array(np.array(order, dtype=np.int64), "order"),
            onnx.numpy_helper.from_array(WEIGHTS[: len(order)], "weights"),
        ],
    )
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 21)], ir_version=10)


def kinds(graph_model: Any) -> list[str]:
    return [node.op_type for node in graph_model.graph.node]


def run(graph_model: Any) -> Any:
    session = onnxruntime.InferenceSession(graph_model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(["y"], {"x": np.arange(6.0).reshape(2, 3)})[0]


@pytest.mark.parametrize("order", [[2, 0, 1], [1, 2, 0], [0, 1, 2]])
def test_a_permutation_moves_into_the_weights(order: list[int]) -> None:
    folded = model(order)
    expected = run(folded)
    fold_permutations(folded)
    assert kinds(folded) == ["Gemm"]
    np.testing.assert_array_equal(run(folded), expected)


@pytest.mark.parametrize(
    "kept",
    [model([2, 0]), model([0, 0, 1]), model([2, 0, 1], reads_twice=True)],
    ids=["some columns", "a column twice", "read by others"],
)
def test_anything_else_stays_as_it_is(kept: Any) -> None:
    before = kept.SerializeToString()
    fold_permutations(kept)
    assert kept.SerializeToString() == before


def test_a_permutation_of_rows_is_not_taken_for_one_of_columns() -> None:
    kept = model([1, 0, 2], axis=0)
    before = kept.SerializeToString()
    fold_permutations(kept)
    assert kept.SerializeToString() == before
