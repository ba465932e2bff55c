"""Signature of the graph: inputs `strings` and `numbers`, one tensor each, instead of one input for each column.

A call costs time for each input, and a feature is a column of one array when it is served.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import onnx

from functions.core.schema import Schema
from model_export.pipelines.convert.bodies import TensorInput, TensorShape
from model_export.pipelines.convert.folding import fold_permutations
from model_export.pipelines.convert.graph import OPSETS

IR_VERSION = 10
"""ONNX's file format; onnx itself would write its newest, which an older ONNX Runtime refuses."""
ROWS = "N"
DOUBLE = onnx.TensorProto.DOUBLE
ELEMENT_TYPES = {
    "strings": onnx.TensorProto.STRING,
    "numbers": DOUBLE,
    "datetimes": onnx.TensorProto.INT64,
    "label": onnx.TensorProto.INT64,
}


class _Packer:
    """Rewires a graph with one [N, 1] input for each column to packed inputs, with one Gather for each use."""

    def __init__(self, graph: Any, places: dict[str, tuple[str, int]], widths: dict[str, int]) -> None:
        self._graph = graph
        self._places = places
        self._widths = widths
        self._gathered: dict[tuple[str, tuple[int, ...]], str] = {}
        self._nodes: list[Any] = []

    def rewire(self) -> None:
        for node in list(self._graph.node):
            # The columns of one tensor side by side are one Gather, or the tensor itself, instead of a Gather for each.
            if self._is_merge(node):
                merged = self._columns([self._places[name] for name in node.input])
                _rename(self._graph, {node.output[0]: merged})
                continue
            for position, name in enumerate(node.input):
                if name in self._places:
                    node.input[position] = self._columns([self._places[name]])
            self._nodes.append(node)
        del self._graph.node[:]
        self._graph.node.extend(self._nodes)

    def _is_merge(self, node: Any) -> bool:
        tensors = {self._places[name][0] if name in self._places else None for name in node.input}
        return node.op_type == "Concat" and len(tensors) == 1 and None not in tensors

    def _columns(self, places: list[tuple[str, int]]) -> str:
        tensor, columns = places[0][0], tuple(column for _, column in places)
        if columns == tuple(range(self._widths[tensor])):
            return tensor
        if (tensor, columns) not in self._gathered:
            name = f"{tensor}_part_{len(self._gathered)}"
            self._graph.initializer.append(
                onnx.numpy_helper.from_array(np.array(columns, dtype=np.int64), f"{name}_columns")
            )
            self._nodes.append(onnx.helper.make_node("Gather", [tensor, f"{name}_columns"], [name], name, axis=1))
            self._gathered[tensor, columns] = name
        return self._gathered[tensor, columns]


def pack(
    model: Any,
    columns: list[str],
    schema: Schema,
    outputs: dict[str, TensorShape],
    terms: Mapping[str, int] = MappingProxyType({}),
) -> bytes:
    """`model`, whose inputs are `columns` in order and then those of `terms`, with the packed signature; checked.

    `outputs` are the names of the outputs in order, with their shapes; the first of two is int64. `terms` are the
    names and the widths of inputs that stay as they are. No node may use a column that the schema lacks.
    """
    graph = model.graph
    packed = {"strings": schema.string_names, "numbers": schema.number_names, "datetimes": schema.datetime_names}
    _avoid(graph, {*packed, *outputs, *terms})
    _rename(graph, {one.name: name for one, name in zip(graph.input[len(columns) :], terms, strict=True)})
    where = {name: (tensor, i) for tensor, names in packed.items() for i, name in enumerate(names)}
    places = {tensor.name: where[name] for tensor, name in zip(graph.input, columns, strict=False) if name in where}
    _Packer(graph, places, {tensor: len(names) for tensor, names in packed.items()}).rewire()
    inputs: dict[str, TensorInput] = {
        tensor: (ELEMENT_TYPES[tensor], [ROWS, len(names)]) for tensor, names in packed.items() if names
    }
    inputs |= {name: (DOUBLE, [ROWS, width]) for name, width in terms.items()}
    return sign(model, inputs, outputs)


def sign(model: Any, inputs: Mapping[str, TensorInput], outputs: Mapping[str, TensorShape]) -> bytes:
    """`model`, serialized and checked, under these names of inputs and outputs.

    The inputs have their names already. `label` is int64, any other output a double.
    """
    graph = model.graph
    _drop_identities(graph)
    _drop_unused_constants(graph)
    _rename_outputs(graph, list(outputs))
    answers = {name: (ELEMENT_TYPES.get(name, DOUBLE), shape) for name, shape in outputs.items()}
    for signature, tensors in ((graph.input, inputs), (graph.output, answers)):
        del signature[:]
        for name, (kind, shape) in tensors.items():
            signature.append(onnx.helper.make_tensor_value_info(name, kind, shape))
    del graph.value_info[:]
    return _finished(model)


def _avoid(graph: Any, reserved: set[str]) -> None:
    """Rename every tensor that has one of the reserved names."""
    _rename(graph, {name: f"inner_{name}" for name in reserved})
    for tensor in (*graph.input, *graph.output, *graph.initializer):
        if tensor.name in reserved:
            tensor.name = f"inner_{tensor.name}"


def _drop_identities(graph: Any) -> None:
    """Drop copying nodes, which cost a microsecond a call each; from an input or constant to an output they stay."""
    produced = {name for node in graph.node for name in node.output}
    outputs = {output.name for output in graph.output}
    kept = []
    for node in list(graph.node):
        source, copy = (node.input[0], node.output[0]) if node.op_type == "Identity" else ("", "")
        if copy and copy not in outputs:
            _rename(graph, {copy: source})
        elif copy and source in produced and source not in outputs:
            _rename(graph, {source: copy})
            outputs.add(source)
        else:
            kept.append(node)
    del graph.node[:]
    graph.node.extend(kept)


def _drop_unused_constants(graph: Any) -> None:
    used = {name for node in graph.node for name in node.input}
    kept = [constant for constant in graph.initializer if constant.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def _rename_outputs(graph: Any, names: list[str]) -> None:
    _rename(graph, {output.name: name for output, name in zip(graph.output, names, strict=True)})


def _rename(graph: Any, names: dict[str, str]) -> None:
    for node in graph.node:
        for tensors in (node.input, node.output):
            for position, name in enumerate(tensors):
                tensors[position] = names.get(name, name)


def _finished(model: Any) -> bytes:
    model.ir_version = IR_VERSION
    del model.opset_import[:]
    model.opset_import.extend(onnx.helper.make_opsetid(domain, version) for domain, version in OPSETS.items())
    model.doc_string = ""
    model.domain = ""
    fold_permutations(model)
    _drop_unused_constants(model.graph)
    onnx.checker.check_model(model)
    # equal fits give equal bytes, so a version can be recognised by its digest
    return bytes(model.SerializeToString(deterministic=True))
