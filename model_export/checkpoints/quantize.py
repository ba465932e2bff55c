"""Quantization: a graph with 8-bit weights, whose activations are quantized while it runs.

There are three ways, each one slower than the one before and closer to the exact graph.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

BLOCKS = (128, 64, 32)
"""Rows of a matrix that have a scale of their own in each column: the largest that divides all rows."""
MIDDLE, LARGEST = 128, 127
"""What a weight of zero is stored as, and the largest number of its steps."""
ACTIVATIONS_IN_INT8 = 4
"""The accuracy_level of MatMulNBits that multiplies whole numbers: activations get a scale for each block too."""
MICROSOFT = "com.microsoft"


def quantized(graph: bytes) -> bytes:
    """`graph` in int8, with one scale for all activations that enter a matrix.

    Weights use 7 bits, as with 8 the sums of CPUs without VNNI overflow, and answers change.
    """
    return _dynamic(onnx.load_from_string(graph), ())


def quantized_partly_in_blocks(graph: bytes) -> bytes:
    """`quantized`, but for matrices with more rows than columns, which are as `quantized_in_blocks` has them.

    The activations that are far larger than the others come from the wide inner layers of a transformer, and these
    matrices, one in six of a BERT's, lead out of them.
    """
    return _in_blocks_where(graph, lambda rows, columns: rows > columns)


def quantized_in_blocks(graph: bytes) -> bytes:
    """`graph` in int8, with a scale for each block of weights and of activations.

    A large activation makes only its own block coarse, so the models with some that are far larger than the others,
    of which `quantized` loses the answers, keep them.
    """
    return _in_blocks_where(graph, lambda rows, columns: True)


WAYS: tuple[Callable[[bytes], bytes], ...] = (quantized, quantized_partly_in_blocks, quantized_in_blocks)
"""The fastest first: the first one that answers well enough is published."""


def _in_blocks_where(graph: bytes, is_chosen: Callable[[int, int], bool]) -> bytes:
    """`graph` in int8, with blocks for the matrices whose rows and columns are chosen."""
    model = onnx.load_from_string(graph)
    names = {weight.name: weight for weight in model.graph.initializer}
    converted = []
    for node in model.graph.node:
        weight = names.get(node.input[1]) if node.op_type == "MatMul" else None
        if weight is None or len(weight.dims) != 2 or not is_chosen(*weight.dims):
            continue
        if block := _block(weight.dims[0]):
            in_blocks, scales = _in_blocks(numpy_helper.to_array(weight), block)
            # another product may have the same weights, and a name must be unique
            stored = [f"{node.name}_{weight.name}_blocks", f"{node.name}_{weight.name}_scales"]
            model.graph.initializer.append(numpy_helper.from_array(in_blocks, stored[0]))
            model.graph.initializer.append(numpy_helper.from_array(scales, stored[1]))
            node.CopyFrom(_product(node, stored, weight.dims, block))
            converted.append(node.name)
    _remove_unused(model)
    model.opset_import.append(helper.make_opsetid(MICROSOFT, 1))
    return _dynamic(model, converted)


def _dynamic(model: onnx.ModelProto, finished: Sequence[str]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "quantized.onnx")
        # Embeddings are in Gather, all other large matrices in MatMul; the rest costs accuracy and saves little.
        # reduce_range: onnxruntime.ai/docs/performance/model-optimizations/quantization.html
        with _quiet():
            quantize_dynamic(
                model,
                path,
                per_channel=True,
                reduce_range=True,
                weight_type=QuantType.QInt8,
                op_types_to_quantize=["Gather", "MatMul"],
                nodes_to_exclude=[*_stacked(model), *finished],
            )
        return path.read_bytes()


def _block(rows: int) -> int:
    """The block for a matrix, 0 if none fits."""
    return next((block for block in BLOCKS if rows % block == 0), 0)


def _in_blocks(weights: Any, block: int) -> tuple[Any, Any]:
    """Weights [rows, columns] as uint8 [columns, blocks, block], and their scales [columns * blocks]."""
    rows, columns = weights.shape
    blocks = weights.T.reshape(columns, rows // block, block)
    scales = np.abs(blocks).max(axis=2) / LARGEST
    scales[scales == 0] = 1
    stored = np.rint(blocks / scales[..., np.newaxis]) + MIDDLE
    return stored.astype(np.uint8), scales.astype(np.float32).ravel()


def _product(node: onnx.NodeProto, stored: Sequence[str], shape: Sequence[int], block: int) -> onnx.NodeProto:
    rows, columns = shape
    return helper.make_node(
        "MatMulNBits",
        [node.input[0], *stored],
        list(node.output),
        name=node.name,
        domain=MICROSOFT,
        K=rows,
        N=columns,
        bits=8,
        block_size=block,
        accuracy_level=ACTIVATIONS_IN_INT8,
    )


def _remove_unused(model: onnx.ModelProto) -> None:
    used = {name for node in model.graph.node for name in node.input}
    kept = [weight for weight in model.graph.initializer if weight.name in used]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)


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
