"""Quantization: a graph with 8-bit weights, whose activations are quantized while it runs."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic


def quantized(graph: bytes) -> bytes:
    """`graph` in int8; weights use 7 bits, as with 8 the sums of CPUs without VNNI overflow, and answers change."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "quantized.onnx")
        # Embeddings are in Gather, all other large matrices in MatMul; the rest costs accuracy and saves little.
        # reduce_range: onnxruntime.ai/docs/performance/model-optimizations/quantization.html
        model = onnx.load_from_string(graph)
        with _quiet():
            quantize_dynamic(
                model,
                path,
                per_channel=True,
                reduce_range=True,
                weight_type=QuantType.QInt8,
                op_types_to_quantize=["Gather", "MatMul"],
                nodes_to_exclude=_stacked(model),
            )
        return path.read_bytes()


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the advice to pre-process, on the root logger; the shapes that this would infer are not needed."""
    root = logging.getLogger()
    root.addFilter(_is_no_advice)
    try:
        yield
    finally:
        root.removeFilter(_is_no_advice)


def _is_no_advice(record: logging.LogRecord) -> bool:
    return "pre-processing before quantization" not in record.getMessage()


def _stacked(model: onnx.ModelProto) -> list[str]:
    """MatMul nodes with a stack of matrices: ONNX Runtime's scales by channel are right for a single matrix only."""
    ranks = {weight.name: len(weight.dims) for weight in model.graph.initializer}
    return [node.name for node in model.graph.node if node.op_type == "MatMul" and ranks.get(node.input[1], 2) != 2]
