"""Bodies of Loop and Scan: constants of their own, and names that nothing around them has."""

from __future__ import annotations

import numpy as np
import onnx

from model_export.pipelines.convert.bodies import body_of
from model_export.pipelines.convert.graph import Graph
from tests.model_export.pipelines.convert.small_graph import evaluate

DOUBLE = onnx.TensorProto.DOUBLE


def plus(number: float) -> object:
    def build(graph: Graph, row: str) -> tuple[str, ...]:
        return (graph.op("Add", row, graph.constant(np.array(number))),)

    return build


def test_two_bodies_in_one_graph_share_no_name() -> None:
    def build(graph: Graph, x: str) -> str:
        for number in (1.0, 10.0):
            body = body_of(graph, {"row": (DOUBLE, [2])}, plus(number))  # type: ignore[arg-type]
            x = graph.op("Scan", x, body=body, num_scan_inputs=1)
        return x

    (found,) = evaluate(build, np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    assert found.tolist() == [[12.0, 13.0], [14.0, 15.0], [16.0, 17.0]]
