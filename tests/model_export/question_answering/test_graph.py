"""A graph optimised ahead of time runs as it is, and gives the same; so, nearly, does one in int8."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import pytest

from tests.model_export.question_answering.conftest import Exported

pytest.importorskip("torch", reason="exporting needs torch, which this environment lacks")
pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")

from functions.predictors.session import open_session
from model_export.question_answering.exporting import export_graph
from model_export.question_answering.graph import optimised
from model_export.question_answering.parity import RandomInputs, Row, graph_logits
from model_export.question_answering.quantize import quantized

ANYWHERE = {"", "ai.onnx", "com.microsoft"}
ROWS = [Row(4, 200), Row(9, 60), Row(1, 8)]


@pytest.mark.parametrize("family", ["longformer", "bert"])
def test_an_optimised_graph_gives_the_same_in_fewer_steps(exported: Callable[[str], Exported], family: str) -> None:
    one = exported(family)
    arrays = RandomInputs(one.checkpoint).arrays(ROWS, seed=0)
    faster = optimised(one.graph)
    plain, found = open_session(one.graph), open_session(faster, is_optimised=True)
    for ours, theirs in zip(graph_logits(found, arrays), graph_logits(plain, arrays), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert len(onnx.load_from_string(faster).graph.node) < 0.8 * len(onnx.load_from_string(one.graph).graph.node)


@pytest.mark.parametrize("family", ["longformer", "bert"])
def test_an_optimised_graph_holds_nothing_of_this_machine(exported: Callable[[str], Exported], family: str) -> None:
    graph = onnx.load_from_string(optimised(exported(family).graph)).graph
    assert {node.domain for node in graph.node} <= ANYWHERE


@pytest.mark.parametrize("family", ["longformer", "bert", "distilbert", "electra", "roberta"])
def test_int8_is_smaller_and_answers_about_the_same(exported: Callable[[str], Exported], family: str) -> None:
    one = exported(family)
    arrays = RandomInputs(one.checkpoint).arrays(ROWS, seed=0)
    small = optimised(quantized(one.graph))
    is_text = arrays["attention_mask"].astype(bool)
    pairs = zip(
        graph_logits(open_session(small, is_optimised=True), arrays),
        graph_logits(open_session(one.graph), arrays),
        strict=True,
    )
    for ours, theirs in pairs:
        assert np.isfinite(ours).all()
        assert np.corrcoef(ours[is_text], theirs[is_text])[0, 1] > 0.95
    weights = {weight.data_type for weight in onnx.load_from_string(small).graph.initializer if len(weight.dims) == 2}
    assert onnx.TensorProto.INT8 in weights


def test_a_longformer_to_be_quantized_has_every_matrix_of_its_layers_in_int8(
    exported: Callable[[str], Exported],
) -> None:
    one = exported("longformer")
    small = optimised(quantized(export_graph(one.checkpoint, is_for_int8=True)))
    nodes = onnx.load_from_string(small).graph.node
    layers = one.checkpoint.model.config.num_hidden_layers
    assert sum(node.op_type in ("DynamicQuantizeMatMul", "MatMulIntegerToFloat") for node in nodes) == 9 * layers + 1
    assert "MatMul" not in {node.op_type for node in nodes}


def test_stacked_matrices_stay_in_float32(exported: Callable[[str], Exported]) -> None:
    graph = onnx.load_from_string(quantized(exported("longformer").graph)).graph
    stacked = {weight.data_type for weight in graph.initializer if len(weight.dims) == 3 and weight.dims[0] == 4}
    assert stacked == {onnx.TensorProto.FLOAT}
