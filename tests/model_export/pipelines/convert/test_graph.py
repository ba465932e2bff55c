"""The builder of nodes: constants, columns, and the operator that it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from model_export.pipelines.convert.graph import Graph, InexactError, Tensor, column_runs, taken
from tests.model_export.pipelines.convert.small_graph import evaluate

TABLE = np.arange(12.0).reshape(3, 4)


def test_columns_are_gathered_and_joined_in_the_given_order() -> None:
    def swapped(graph: Graph, x: str) -> str:
        return graph.concat([graph.gather(x, [3, 1]), graph.gather(x, [0])])

    np.testing.assert_array_equal(evaluate(swapped, TABLE)[0], TABLE[:, [3, 1, 0]])


def test_one_tensor_is_joined_without_a_node() -> None:
    def alone(graph: Graph, x: str) -> str:
        assert graph.concat([x]) == x
        return graph.flat(x)

    np.testing.assert_array_equal(evaluate(alone, TABLE[:, :1])[0], TABLE[:, 0])


@pytest.mark.parametrize(
    "array",
    [np.array([["a", "é"]]), np.array(3.5), np.array([1, 2], dtype=np.int64), np.array([[True]])],
    ids=["strings", "a scalar", "int64", "bool"],
)
def test_a_constant_keeps_its_shape_and_kind(array: Any) -> None:
    (constant,) = evaluate(lambda graph: graph.op("Identity", graph.constant(array)))
    assert (constant.shape, constant.dtype.kind) == (array.shape, "O" if array.dtype.kind == "U" else array.dtype.kind)
    np.testing.assert_array_equal(constant, array)


def test_an_operator_of_several_outputs_gives_as_many_names() -> None:
    def halves(graph: Graph, x: str) -> tuple[str, ...]:
        return graph.op("Split", x, outputs=2, axis=1, num_outputs=2)

    first, second = evaluate(halves, TABLE)
    np.testing.assert_array_equal(first, TABLE[:, :2])
    np.testing.assert_array_equal(second, TABLE[:, 2:])


def test_matmul_is_refused_with_what_to_use() -> None:
    with pytest.raises(InexactError, match="MatMul loses double precision in onnxruntime; use Gemm"):
        evaluate(lambda graph, x: graph.op("MatMul", x, x), np.eye(2))


def test_columns_are_taken_over_several_tensors_and_neighbours_stay_together() -> None:
    pieces: list[Tensor] = []

    def build(graph: Graph, left: str, right: str) -> tuple[str, ...]:
        tensors = [Tensor(left, False, 4), Tensor(right, False, 2)]
        pieces.extend(taken(graph, tensors, [4, 5, 3, 0]))
        return tuple(graph.op("Identity", piece.name) for piece in pieces)

    whole, part = evaluate(build, TABLE, TABLE[:, :2] + 100)
    np.testing.assert_array_equal(whole, TABLE[:, :2] + 100)
    np.testing.assert_array_equal(part, TABLE[:, [3, 0]])
    assert [piece.width for piece in pieces] == [2, 2]
    assert pieces[0].name == "input_1"


def test_columns_of_several_tensors_of_unknown_width_are_refused() -> None:
    with pytest.raises(InexactError, match="put it into a ColumnTransformer"):
        column_runs([2, None], [0])
    assert column_runs([None], [3, 0]) == [(0, [3, 0])]
