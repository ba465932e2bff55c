"""Quantization: a graph with 8-bit weights, whose activations are quantized while it runs.

There are three ways, each one slower than the one before and closer to the exact graph.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

MOST_ROWS = 128
"""Rows of a matrix, at most, that share a scale of the activations by which they are multiplied."""
BLOCKS = (128, 64, 32)
"""Rows of a matrix that have a scale of their own in each column: the largest that divides all rows."""
MIDDLE, LARGEST = 128, 127
"""What a weight of zero is stored as, and the largest number of its steps."""
ACTIVATIONS_IN_INT8 = 4
"""The accuracy_level of MatMulNBits that multiplies whole numbers: activations get a scale for each block too."""
MICROSOFT = "com.microsoft"
SLICE = "_slice_"
"""What stands between the name of a product, or of its matrix, and the number of the slice."""


def quantized(graph: bytes) -> bytes:
    """`graph` in int8, with one scale for all activations that enter a matrix.

    Weights use 7 bits, as with 8 the sums of CPUs without VNNI overflow, and answers change.
    """
    return _dynamic(onnx.load_from_string(graph))


def quantized_in_slices(graph: bytes) -> bytes:
    """`quantized`, with every matrix cut in slices of at most 128 rows, which have scales of their own.

    A transformer may have a few activations that are far larger than the others: here they make only the numbers of
    their own slice coarse.
    """
    return _dynamic(_rewritten(graph, _sliced))


def quantized_in_blocks(graph: bytes) -> bytes:
    """`graph` in int8, with a scale for each block of weights, and of the activations of each token.

    A large activation makes only the block of its own token coarse.
    """
    model = _rewritten(graph, _in_blocks)
    model.opset_import.append(helper.make_opsetid(MICROSOFT, 1))
    return _dynamic(model)


WAYS: tuple[Callable[[bytes], bytes], ...] = (quantized, quantized_in_slices, quantized_in_blocks)
"""The fastest first: the first one that answers well enough is published."""


@dataclass(frozen=True, slots=True)
class _Product:
    """Nodes that multiply as one MatMul does, and the constants that they need."""

    nodes: Sequence[onnx.NodeProto]
    constants: Mapping[str, Any]


def _rewritten(graph: bytes, rewrite: Callable[[onnx.NodeProto, onnx.TensorProto], _Product | None]) -> onnx.ModelProto:
    """`graph` with other nodes for every product by a constant matrix of which `rewrite` makes some.

    Products that share a matrix share its constants.
    """
    model = onnx.load_from_string(graph)
    matrices = {weight.name: weight for weight in model.graph.initializer if len(weight.dims) == 2}
    nodes: list[onnx.NodeProto] = []
    constants: dict[str, Any] = {}
    for node in model.graph.node:
        matrix = matrices.get(node.input[1]) if node.op_type == "MatMul" else None
        product = rewrite(node, matrix) if matrix is not None else None
        nodes += product.nodes if product else [node]
        constants.update(product.constants if product else {})
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(numpy_helper.from_array(values, name) for name, values in constants.items())
    _remove_unused(model)
    return model


def _sliced(node: onnx.NodeProto, matrix: onnx.TensorProto) -> _Product | None:
    """The sum of the products of slices; nothing for a matrix that is no larger than one."""
    count = -(-matrix.dims[0] // MOST_ROWS)
    if count < 2:
        return None
    slices = np.array_split(numpy_helper.to_array(matrix), count)
    rows = np.array([len(one) for one in slices], np.int64)
    sizes = f"{matrix.name}_sizes"
    weights = {f"{matrix.name}{SLICE}{number}": one for number, one in enumerate(slices)}
    parts = [f"{node.input[0]}_for_{node.name}{SLICE}{number}" for number in range(count)]
    sums = [f"{node.output[0]}{SLICE}{number}" for number in range(count)]
    products = [
        helper.make_node("MatMul", [part, weight], [total], name=f"{node.name}{SLICE}{number}")
        for number, (part, weight, total) in enumerate(zip(parts, weights, sums, strict=True))
    ]
    split = helper.make_node("Split", [node.input[0], sizes], parts, name=f"{node.name}_split", axis=-1)
    total = helper.make_node("Sum", sums, list(node.output), name=f"{node.name}_sum")
    return _Product([split, *products, total], {**weights, sizes: rows})


def _in_blocks(node: onnx.NodeProto, matrix: onnx.TensorProto) -> _Product | None:
    """The product of blocks; nothing for a matrix of which no block fits."""
    rows, columns = matrix.dims
    block = next((block for block in BLOCKS if rows % block == 0), 0)
    if not block:
        return None
    names = [f"{matrix.name}_blocks", f"{matrix.name}_scales"]
    product = helper.make_node(
        "MatMulNBits",
        [node.input[0], *names],
        list(node.output),
        name=node.name,
        domain=MICROSOFT,
        K=rows,
        N=columns,
        bits=8,
        block_size=block,
        accuracy_level=ACTIVATIONS_IN_INT8,
    )
    return _Product([product], dict(zip(names, _blocks(numpy_helper.to_array(matrix), block), strict=True)))


def _blocks(weights: Any, block: int) -> tuple[Any, Any]:
    """Weights [rows, columns] as uint8 [columns, blocks, block], and their scales [columns * blocks]."""
    rows, columns = weights.shape
    blocks = weights.T.reshape(columns, rows // block, block)
    scales = np.abs(blocks).max(axis=2) / LARGEST
    scales[scales == 0] = 1
    stored = np.rint(blocks / scales[..., np.newaxis]) + MIDDLE
    return stored.astype(np.uint8), scales.astype(np.float32).ravel()


def _dynamic(model: onnx.ModelProto) -> bytes:
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
                nodes_to_exclude=_stacked(model),
            )
        return path.read_bytes()


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
