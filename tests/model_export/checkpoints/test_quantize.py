"""A graph in int8 is smaller and answers about the same; a stack of matrices stays as it is."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from tests.model_export.checkpoints.exported import Exported

pytest.importorskip("torch", reason="exporting needs torch, which this environment lacks")
pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")

from functions.predictors.session import open_session
from model_export.checkpoints.exporting import export_graph
from model_export.checkpoints.graph import optimised
from model_export.checkpoints.logits import graph_logits
from model_export.checkpoints.quantize import WAYS, quantized, quantized_in_slices
from model_export.question_answering.parity import OUTPUTS, RandomInputs, Row

ROWS = [Row(4, 200), Row(9, 60), Row(1, 8)]


@pytest.mark.parametrize("quantize", WAYS, ids=["one scale", "in slices", "in blocks"])
@pytest.mark.parametrize("family", ["longformer", "bert", "distilbert", "electra", "roberta"])
def test_int8_is_smaller_and_answers_about_the_same(
    exported: Callable[[str], Exported], family: str, quantize: Callable[[bytes], bytes]
) -> None:
    one = exported(family)
    arrays = RandomInputs(one.checkpoint).arrays(ROWS, seed=0)
    small = optimised(quantize(one.graph))
    is_text = arrays["attention_mask"].astype(bool)
    pairs = zip(
        graph_logits(open_session(small, is_optimised=True), OUTPUTS, arrays),
        graph_logits(open_session(one.graph), OUTPUTS, arrays),
        strict=True,
    )
    for ours, theirs in pairs:
        assert np.isfinite(ours).all()
        assert np.corrcoef(ours[is_text], theirs[is_text])[0, 1] > 0.95
    assert len(small) < 0.6 * len(optimised(one.graph))


def test_a_longformer_to_be_quantized_has_every_matrix_of_its_layers_in_int8(
    exported: Callable[[str], Exported],
) -> None:
    one = exported("longformer")
    small = optimised(quantized(export_graph(one.checkpoint, is_for_int8=True)))
    nodes = onnx.load_from_string(small).graph.node
    layers = one.checkpoint.model.config.num_hidden_layers
    assert sum(node.op_type in ("DynamicQuantizeMatMul", "MatMulIntegerToFloat") for node in nodes) == 9 * layers + 1
    assert "MatMul" not in {node.op_type for node in nodes}


@pytest.mark.parametrize("quantize", WAYS[1:])
def test_a_large_activation_makes_only_its_own_part_coarse(quantize: Callable[[bytes], bytes]) -> None:
    """One of 1024 numbers is a thousand times as large as the others, and weighs nothing."""
    random = np.random.default_rng(1)
    weights = random.normal(size=(1024, 48)).astype(np.float32)
    weights[200] = 0
    values = random.normal(size=(1, 9, 1024)).astype(np.float32)
    values[..., 200] = 1000
    graph = _product_of(weights)
    errors = []
    for one in (quantized, quantize):
        (found,) = open_session(one(graph)).run(None, {"x": values})
        errors.append(float(np.abs(found - values @ weights).mean()))
    assert errors[1] < 0.5 * errors[0]


@pytest.mark.parametrize("rows", [1, 96, 128, 129, 300, 1024])
def test_slices_are_as_equal_as_they_can_be_and_have_128_rows_at_most(rows: int) -> None:
    weights = np.random.default_rng(rows).normal(size=(rows, 8)).astype(np.float32)
    small = quantized_in_slices(_product_of(weights))
    stored = [one for one in onnx.load_from_string(small).graph.initializer if one.name.endswith("_quantized")]
    lengths = [one.dims[0] for one in stored]
    assert sum(lengths) == rows
    assert max(lengths) <= 128
    assert max(lengths) - min(lengths) <= 1
    values = np.random.default_rng(0).normal(size=(1, 5, rows)).astype(np.float32)
    (found,) = open_session(small).run(None, {"x": values})
    assert np.corrcoef(found.ravel(), (values @ weights).ravel())[0, 1] > 0.99


@pytest.mark.parametrize("quantize", WAYS)
def test_products_that_share_a_matrix_share_what_is_stored_of_it(quantize: Callable[[bytes], bytes]) -> None:
    """As the layers of an ALBERT do."""
    weights = np.random.default_rng(1).normal(size=(256, 256)).astype(np.float32)
    once, thrice = (quantize(_product_of(weights, times)) for times in (1, 3))
    assert len(thrice) < 1.2 * len(once)
    values = np.random.default_rng(2).normal(size=(1, 4, 256)).astype(np.float32)
    (found,) = open_session(thrice).run(None, {"x": values})
    expected = values @ weights @ weights @ weights
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.99


def _product_of(weights: np.ndarray[tuple[int, int], np.dtype[np.float32]], times: int = 1) -> bytes:
    """The product of x [1, length, rows] and the weights, or of the product and the weights again."""
    kind = onnx.TensorProto.FLOAT
    names = ["x", *(f"product_{number}" for number in range(1, times)), "y"]
    graph = helper.make_graph(
        [helper.make_node("MatMul", [one, "w"], [other], name=f"of_{one}") for one, other in itertools.pairwise(names)],
        "one",
        [helper.make_tensor_value_info("x", kind, [1, None, len(weights)])],
        [helper.make_tensor_value_info("y", kind, [1, None, weights.shape[1]])],
        [numpy_helper.from_array(weights, "w")],
    )
    opset = [helper.make_opsetid("", 17)]
    return bytes(helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString())


def test_stacked_matrices_stay_in_float32(exported: Callable[[str], Exported]) -> None:
    graph = onnx.load_from_string(quantized(exported("longformer").graph)).graph
    stacked = {weight.data_type for weight in graph.initializer if len(weight.dims) == 3 and weight.dims[0] == 4}
    assert stacked == {onnx.TensorProto.FLOAT}


def test_quantizing_logs_no_advice_and_leaves_the_logger_as_it_was(
    exported: Callable[[str], Exported], caplog: pytest.LogCaptureFixture
) -> None:
    root = logging.getLogger()
    before = list(root.filters)
    quantized(exported("bert").graph)
    assert "pre-processing" not in caplog.text
    assert root.filters == before
