"""python -m zoo.becas.published --base DIR --version DIR --out DIR

What a published version learned, on the words of a base: a training can go on from there where the checkpoint of its
last stage is not at hand. The weights are those that serve: of 8 bits, with a scale for each column, slice or block.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper

from functions.core.tasks import GRAPH
from model_export.checkpoints.quantize import MIDDLE, SLICE

OF_COLUMNS = ("DynamicQuantizeMatMul", "MatMulIntegerToFloat")
"""Products of whole numbers, whose weights [rows, columns] have a scale for each column."""
QUANTIZED = "_quantized"
EMBEDDINGS = "bert.embeddings."

Floats = npt.NDArray[np.float32]


def weights_of(graph: onnx.ModelProto) -> Iterator[tuple[str, Floats]]:
    """The weights of an int8 graph but for embeddings, under their names in a BertForQuestionAnswering."""
    stored = {one.name: numpy_helper.to_array(one) for one in graph.graph.initializer}
    slices: dict[str, dict[int, Floats]] = {}
    for node in graph.graph.node:
        if node.op_type == "MatMulNBits":
            weights = _of_blocks(stored[node.input[1]], stored[node.input[2]])
        elif node.op_type in OF_COLUMNS:
            whole = next(one for one in node.input if one in stored and one.endswith(QUANTIZED))
            scale, zero = (stored[whole.removesuffix(QUANTIZED) + end] for end in ("_scale", "_zero_point"))
            weights = ((stored[whole].astype(np.float32) - zero) * scale).T
        else:
            continue
        # "/bert/encoder/layer.0/attention/self/query/MatMul", perhaps with the number of a slice
        product, _, number = node.name.removesuffix("_quant").partition(SLICE)
        name = product.removesuffix("/MatMul").strip("/").replace("/", ".")
        slices.setdefault(f"{name}.weight", {})[int(number or 0)] = weights
    for name, parts in slices.items():
        yield name, np.concatenate([parts[number] for number in sorted(parts)], axis=1)
    for name, values in stored.items():
        if name.endswith((".weight", ".bias")) and not name.startswith(EMBEDDINGS):
            yield name, values


def _of_blocks(blocks: npt.NDArray[np.uint8], scales: Floats) -> Floats:
    """The matrix [columns, rows] of its blocks [columns, blocks, block], as torch has a linear layer."""
    columns, count, _ = blocks.shape
    weights = (blocks.astype(np.float32) - MIDDLE) * scales.reshape(columns, count, 1)
    return weights.reshape(columns, -1)


def taught(base: Path, version: Path) -> Any:
    """The model of `base` with the layers and the head of a version.

    Raises ValueError where the graph lacks a weight: it is no BERT, or not in int8.
    """
    from transformers import BertForQuestionAnswering

    model = BertForQuestionAnswering.from_pretrained(base)
    found = dict(weights_of(onnx.load(version / GRAPH)))
    wanted = [name for name in model.state_dict() if not name.startswith(EMBEDDINGS)]
    if missing := [name for name in wanted if name not in found]:
        raise ValueError(f"{version / GRAPH} has no {missing[0]}: it is no BERT in int8")
    model.load_state_dict({name: torch.from_numpy(np.array(found[name])) for name in wanted}, strict=False)
    return model


def main(arguments: Sequence[str] | None = None) -> None:
    from transformers import PreTrainedTokenizerFast

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, required=True, help="checkpoint of zoo.becas.base")
    parser.add_argument("--version", type=Path, required=True, help="folder of the version's model.onnx")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(arguments)
    taught(given.base, given.version).save_pretrained(given.out)
    PreTrainedTokenizerFast.from_pretrained(given.base).save_pretrained(given.out)


if __name__ == "__main__":
    main()
