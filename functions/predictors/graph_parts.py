"""The parts of an ONNX graph, read from its bytes, and graphs made of them: the `onnx` package is not in serving."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from functions.predictors.wire_format import Field, WireFormatError, field, fields, head, signed, varint_field, varints

# numbers of fields in https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
MODEL_GRAPH, MODEL_FUNCTIONS = 7, 25
GRAPH_NODE, GRAPH_INITIALIZER, GRAPH_INPUT, GRAPH_OUTPUT, GRAPH_VALUE_INFO, GRAPH_SPARSE = 1, 5, 11, 12, 13, 15
NODE_INPUT, NODE_OUTPUT, NODE_OP_TYPE, NODE_ATTRIBUTE = 1, 2, 4, 5
ATTRIBUTE_NAME, ATTRIBUTE_INTEGER, ATTRIBUTE_TENSOR = 1, 3, 5
TENSOR_DIMS, TENSOR_TYPE, TENSOR_INT64S, TENSOR_NAME, TENSOR_RAW = 1, 2, 7, 8, 9
VALUE_NAME, VALUE_TYPE, TYPE_TENSOR, TENSOR_ELEMENT, TENSOR_SHAPE, SHAPE_DIM, DIM_VALUE = 1, 2, 1, 1, 2, 1, 1
INT64, STRING = 7, 8
WITH_GRAPHS = frozenset({"If", "Loop", "Scan", "SequenceMap"})
ELEMENTS: Mapping[str, int] = {
    "tensor(float)": 1,
    "tensor(int32)": 6,
    "tensor(int64)": INT64,
    "tensor(bool)": 9,
    "tensor(double)": 11,
}
"""The numbers of element types by the names that ONNX Runtime gives them."""


@dataclass(frozen=True, slots=True)
class Constant:
    """The shape of an initializer, and its values where it holds int64."""

    dims: tuple[int, ...]
    integers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """One node; its attributes are read only where they are asked for, as trees have some of megabytes."""

    op_type: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    whole: memoryview
    _attributes: tuple[memoryview, ...]

    def integer(self, name: str, default: int) -> int:
        """An attribute of a whole number."""
        attribute = self._attribute(name)
        return default if attribute is None else signed(_first(attribute, ATTRIBUTE_INTEGER).varint)

    def has(self, name: str) -> bool:
        return self._attribute(name) is not None

    def element(self, name: str) -> int:
        """The type of the elements of an attribute that is a tensor; 0 if the node has no such attribute."""
        attribute = self._attribute(name)
        return 0 if attribute is None else _first(_first(attribute, ATTRIBUTE_TENSOR).value, TENSOR_TYPE).varint

    def _attribute(self, name: str) -> memoryview | None:
        return next((one for one in self._attributes if _text(one, ATTRIBUTE_NAME) == name), None)


@dataclass(frozen=True, slots=True)
class GraphParts:
    """A model cut into its parts; each `whole` and each value of a mapping are the bytes as they were."""

    around: tuple[memoryview, ...]
    """The fields of the model other than the graph: versions of the format and of the operators."""
    rest: tuple[memoryview, ...]
    """The other fields of the graph, such as its name."""
    nodes: tuple[Node, ...]
    initializers: Mapping[str, memoryview]
    inputs: Mapping[str, memoryview]
    outputs: Mapping[str, memoryview]
    value_infos: Mapping[str, memoryview]
    is_plain: bool
    """False for functions, sparse initializers, and nodes with graphs inside, which read more than their inputs."""

    @classmethod
    def of(cls, model: bytes) -> GraphParts:
        """Raises WireFormatError."""
        parts = list(fields(memoryview(model)))
        graphs = [part for part in parts if part.tag == MODEL_GRAPH]
        if len(graphs) != 1:
            raise WireFormatError("the model does not have one graph")
        by_tag: dict[int, list[Field]] = {}
        for part in fields(graphs[0].value):
            by_tag.setdefault(part.tag, []).append(part)
        nodes = tuple(_node(part) for part in by_tag.pop(GRAPH_NODE, []))
        is_sparse = GRAPH_SPARSE in by_tag
        has_functions = any(part.tag == MODEL_FUNCTIONS for part in parts)
        return cls(
            around=tuple(part.whole for part in parts if part.tag != MODEL_GRAPH),
            nodes=nodes,
            initializers=_named(by_tag.pop(GRAPH_INITIALIZER, []), TENSOR_NAME),
            inputs=_named(by_tag.pop(GRAPH_INPUT, []), VALUE_NAME),
            outputs=_named(by_tag.pop(GRAPH_OUTPUT, []), VALUE_NAME),
            value_infos=_named(by_tag.pop(GRAPH_VALUE_INFO, []), VALUE_NAME),
            rest=tuple(part.whole for several in by_tag.values() for part in several),
            is_plain=not (is_sparse or has_functions or any(node.op_type in WITH_GRAPHS for node in nodes)),
        )

    @classmethod
    def or_none(cls, model: bytes) -> GraphParts | None:
        """None for bytes that are not cut here: what ONNX Runtime opens all the same serves as it is."""
        try:
            return cls.of(model)
        except ValueError:
            return None

    def constant(self, name: str) -> Constant | None:
        """The initializer of that name, None if there is none."""
        whole = self.initializers.get(name)
        return None if whole is None else _constant(next(fields(whole)).value)

    def dims(self, name: str) -> tuple[int, ...]:
        """The shape of the initializer of that name, without a look at its values; () if there is none."""
        whole = self.initializers.get(name)
        return () if whole is None else _dims(next(fields(whole)).value)

    def model(self, nodes: Iterable[Node], inputs: Iterable[bytes], outputs: Iterable[bytes]) -> bytes:
        """A model of some of the nodes, in their order, with the initializers that they read."""
        chosen = list(nodes)
        read = {name for node in chosen for name in node.inputs}
        made = {name for node in chosen for name in node.outputs}
        graph: list[bytes | memoryview] = [
            *self.rest,
            *(node.whole for node in chosen),
            *(whole for name, whole in self.initializers.items() if name in read or name in self.outputs),
            *inputs,
            *outputs,
            *(whole for name, whole in self.value_infos.items() if name in made),
        ]
        return b"".join([*self.around, head(MODEL_GRAPH, sum(map(len, graph))), *graph])


def output_named(name: str) -> bytes:
    """An output of a graph, whose type is left to ONNX Runtime."""
    return field(GRAPH_OUTPUT, field(VALUE_NAME, name.encode()))


def matrix_input(name: str, kind: str, width: int) -> bytes:
    """An input of a graph: any number of rows, `width` columns; `kind` as ONNX Runtime writes it.

    Raises ValueError for a kind of which no converter makes numbers.
    """
    if kind not in ELEMENTS:
        raise ValueError(f"{kind} is no input that a graph is made for")
    shape = field(SHAPE_DIM, b"") + field(SHAPE_DIM, varint_field(DIM_VALUE, width))
    tensor = varint_field(TENSOR_ELEMENT, ELEMENTS[kind]) + field(TENSOR_SHAPE, shape)
    return field(GRAPH_INPUT, field(VALUE_NAME, name.encode()) + field(VALUE_TYPE, field(TYPE_TENSOR, tensor)))


def _named(parts: Iterable[Field], name: int) -> dict[str, memoryview]:
    return {_text(part.value, name): part.whole for part in parts}


def _node(part: Field) -> Node:
    texts: dict[int, list[str]] = {NODE_INPUT: [], NODE_OUTPUT: [], NODE_OP_TYPE: []}
    attributes = []
    for one in fields(part.value):
        if one.tag in texts:
            texts[one.tag].append(_decoded(one.value))
        elif one.tag == NODE_ATTRIBUTE:
            attributes.append(one.value)
    op_type = "".join(texts[NODE_OP_TYPE])
    return Node(op_type, tuple(texts[NODE_INPUT]), tuple(texts[NODE_OUTPUT]), part.whole, tuple(attributes))


def _dims(tensor: memoryview) -> tuple[int, ...]:
    return tuple(side for one in fields(tensor) if one.tag == TENSOR_DIMS for side in _integers(one))


def _constant(tensor: memoryview) -> Constant:
    integers: list[int] = []
    element, raw = 0, b""
    for one in fields(tensor):
        if one.tag == TENSOR_TYPE:
            element = one.varint
        elif one.tag == TENSOR_INT64S:
            integers += _integers(one)
        elif one.tag == TENSOR_RAW:
            raw = bytes(one.value)
    if element != INT64:
        return Constant(_dims(tensor))
    return Constant(_dims(tensor), tuple(integers) or tuple(np.frombuffer(raw, dtype="<i8").tolist()))


def _integers(one: Field) -> list[int]:
    """The numbers of a repeated field, which are in one packed field or in one each."""
    return list(varints(one.value)) if one.is_bytes else [signed(one.varint)]


def _first(message: memoryview, tag: int) -> Field:
    found = next((one for one in fields(message) if one.tag == tag), None)
    if found is None:
        raise WireFormatError(f"a message lacks its field {tag}")
    return found


def _text(message: memoryview, tag: int) -> str:
    return next((_decoded(one.value) for one in fields(message) if one.tag == tag), "")


def _decoded(value: memoryview) -> str:
    return bytes(value).decode()
