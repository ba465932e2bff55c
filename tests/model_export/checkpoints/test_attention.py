"""Attention is one node of the graph, with the numbers of torch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import pytest

from tests.model_export.checkpoints.exported import Exported

torch = pytest.importorskip("torch", reason="exporting needs torch, which this environment lacks")
pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")

from model_export.checkpoints.attention import attention  # noqa: E402
from model_export.checkpoints.exporting import export_graph  # noqa: E402


@pytest.mark.parametrize("heads", [1, 2, 4])
def test_attention_is_that_of_torch_without_its_scale(heads: int) -> None:
    torch.manual_seed(1)
    query, key, value = torch.randn(2, 3, 8), torch.randn(2, 5, 8), torch.randn(2, 5, 8)
    mask = torch.where(torch.rand(2, 1, 3, 5) < 0.3, -1e9, 0.0)
    by_head = [part.reshape(2, -1, heads, 8 // heads).transpose(1, 2) for part in (query, key, value)]
    expected = torch.nn.functional.scaled_dot_product_attention(*by_head, attn_mask=mask, scale=1.0)
    found = attention(query, key, value, mask, heads)
    np.testing.assert_allclose(found, expected.transpose(1, 2).reshape(2, 3, 8), atol=1e-6)


@pytest.mark.parametrize(("is_for_int8", "steps"), [(False, 2), (True, 4)], ids=["exact", "to be quantized"])
def test_the_attention_of_a_longformer_is_one_step(
    exported: Callable[[str], Exported], is_for_int8: bool, steps: int
) -> None:
    graph = onnx.load_from_string(export_graph(exported("longformer").checkpoint, is_for_int8=is_for_int8))
    onnx.checker.check_model(graph)
    assert [node.op_type for node in graph.graph.node].count("Attention") == steps
    assert {one.domain for one in graph.opset_import} == {""}
