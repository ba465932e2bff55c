"""Graphs cut into parts and put together again, compared with what onnx reads of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from functions.predictors.graph_parts import ELEMENTS, Constant, GraphParts, matrix_input, output_named
from functions.predictors.wire_format import WireFormatError
from tests.predictors.string_graphs import graph_of, label_encoder, node, words_graph


def test_parts_are_those_that_onnx_reads() -> None:
    body = words_graph()
    parts, model = GraphParts.of(body), onnx.load_from_string(body)
    assert [(one.op_type, one.inputs, one.outputs) for one in parts.nodes] == [
        (one.op_type, tuple(one.input), tuple(one.output)) for one in model.graph.node
    ]
    assert list(parts.inputs) == ["strings", "numbers"]
    assert list(parts.outputs) == ["all"]
    assert set(parts.initializers) == {one.name for one in model.graph.initializer}
    assert parts.is_plain


def test_all_parts_together_are_the_model() -> None:
    body = words_graph()
    parts = GraphParts.of(body)
    again = parts.model(parts.nodes, map(bytes, parts.inputs.values()), map(bytes, parts.outputs.values()))
    assert onnx.load_from_string(again) == onnx.load_from_string(body)


def test_a_model_of_some_nodes_has_what_they_read_and_no_more() -> None:
    parts = GraphParts.of(words_graph())
    chosen = [one for one in parts.nodes if one.op_type in ("Equal", "Where")]
    body = parts.model(chosen, [matrix_input("pair", "tensor(int64)", 2)], [output_named("filled")])
    graph = onnx.load_from_string(body).graph
    assert {one.name for one in graph.initializer} == {"empty", "fill"}
    assert graph.input[0] == helper.make_tensor_value_info("pair", TensorProto.INT64, [None, 2])
    assert [one.name for one in graph.output] == ["filled"]


@pytest.mark.parametrize("kind", ELEMENTS)
def test_an_input_has_the_type_that_onnx_runtime_writes(kind: str) -> None:
    value = onnx.ValueInfoProto.FromString(matrix_input("x", kind, 1)[2:])
    name = TensorProto.DataType.Name(value.type.tensor_type.elem_type).lower()
    assert kind == f"tensor({name})"


def test_an_input_of_an_odd_type_is_an_error() -> None:
    with pytest.raises(ValueError, match="tensor\\(float16\\)"):
        matrix_input("x", "tensor(float16)", 1)


@pytest.mark.parametrize("values", [[3, -1, 2**40], [], [7]])
@pytest.mark.parametrize("is_raw", [True, False])
def test_constants_have_their_shape_and_their_integers(values: list[int], *, is_raw: bool) -> None:
    array = np.array(values, dtype=np.int64)
    raw = numpy_helper.from_array(array, "c")
    tensor = raw if is_raw else helper.make_tensor("c", TensorProto.INT64, array.shape, values)
    graph = helper.make_graph([], "g", [], [], [tensor, numpy_helper.from_array(np.float64(0.5), "d")])
    parts = GraphParts.of(helper.make_model(graph).SerializeToString())
    assert parts.constant("c") == Constant((len(values),), tuple(values))
    assert parts.constant("d") == Constant(())
    assert parts.constant("e") is None
    assert [parts.dims(name) for name in "cde"] == [(len(values),), (), ()]


def test_attributes_are_read_by_name() -> None:
    encoder = label_encoder("strings", "ids", {"a": 1.5}, 0.0)
    parts = GraphParts.of(graph_of([node("Gather", "strings one", "name", axis=-2), encoder], {"one": [0]}, ["ids"]))
    gather, encoder = parts.nodes
    assert (gather.integer("axis", 0), gather.integer("other", 5)) == (-2, 5)
    assert (encoder.element("values_tensor"), encoder.element("keys_tensor")) == (
        TensorProto.DOUBLE,
        TensorProto.STRING,
    )
    assert encoder.element("axis") == 0
    assert (encoder.has("keys_tensor"), encoder.has("keys_strings")) == (True, False)


def _with(change: Any) -> GraphParts:
    model = onnx.load_from_string(words_graph())
    change(model)
    return GraphParts.of(model.SerializeToString())


def test_what_reads_tensors_without_naming_them_is_not_plain() -> None:
    branch = helper.make_graph([], "b", [], [])
    condition = helper.make_node("If", ["missing"], ["y"], then_branch=branch, else_branch=branch)
    assert not _with(lambda model: model.graph.node.append(condition)).is_plain
    assert not _with(lambda model: model.functions.add(name="f")).is_plain
    assert not _with(lambda model: model.graph.sparse_initializer.add()).is_plain


@pytest.mark.parametrize(
    "body", [b"", b"abc", helper.make_model(helper.make_graph([], "g", [], [])).SerializeToString() * 2]
)
def test_what_is_not_one_graph_is_refused(body: bytes) -> None:
    with pytest.raises(WireFormatError):
        GraphParts.of(body)
    assert GraphParts.or_none(body) is None
