"""Graphs over strings and numbers, as converters make them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ML = "ai.onnx.ml"


def graph_of(nodes: Sequence[Any], constants: Mapping[str, Any], outputs: Sequence[str], *, inputs: int = 2) -> bytes:
    """A model with the inputs `strings` and `numbers`; constants of objects are strings."""
    arrays = {name: np.asarray(value, dtype=object if _is_text(value) else None) for name, value in constants.items()}
    kinds = {"strings": TensorProto.STRING, "numbers": TensorProto.DOUBLE}
    graph = helper.make_graph(
        list(nodes),
        "strings",
        [helper.make_tensor_value_info(name, kind, [None, None]) for name, kind in list(kinds.items())[:inputs]],
        [onnx.ValueInfoProto(name=name) for name in outputs],
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid(ML, 5)]
    return bytes(helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString())


def node(op_type: str, inputs: str, outputs: str, **attributes: Any) -> Any:
    """A node whose inputs and outputs are names with spaces between them."""
    domain = ML if op_type == "LabelEncoder" else ""
    return helper.make_node(op_type, inputs.split(), outputs.split(), domain=domain, **attributes)


def label_encoder(x: str, y: str, codes: Mapping[str, Any], default: Any) -> Any:
    """A node that looks strings up; the values are integers, floats or strings."""
    keys, values = np.array(list(codes), dtype=object), list(codes.values())
    tensors = {"keys_tensor": keys, "values_tensor": _array(values), "default_tensor": _array([default])}
    return node("LabelEncoder", x, y, **{name: numpy_helper.from_array(one, name) for name, one in tensors.items()})


def _array(values: Sequence[Any]) -> Any:
    return np.array(values, dtype=object if _is_text(values) else None)


def _is_text(value: Any) -> bool:
    return np.asarray(value).dtype.kind in "UO"


WORDS = (
    # the first word of column 1, by which its mean is looked up
    node("Gather", "strings one", "name", axis=1),
    node("StringConcat", "name space", "padded"),
    node("StringSplit", "padded", "parts counts", delimiter=" "),
    node("Gather", "parts first", "word", axis=-1),
    label_encoder("word", "mean", {"Alfa": 1.5, "Opel": -2.25}, 0.125),
    # columns 2 and 0: the missing one is filled, and each level gets its number
    node("Gather", "strings two_zero", "pair", axis=1),
    node("Equal", "pair empty", "missing"),
    node("Where", "missing fill pair", "filled"),
    label_encoder("filled", "ids", {"a": 1, "b": 2, "ñ 日本": 3}, 0),
    node("Cast", "ids", "codes", to=TensorProto.DOUBLE),
    node("Cast", "missing", "is_missing", to=TensorProto.DOUBLE),
    node("Cast", "counts", "words", to=TensorProto.DOUBLE),
    node("Concat", "mean codes numbers is_missing words", "all", axis=1),
)
CONSTANTS: Mapping[str, Any] = {
    "one": np.array([1]),
    "space": [" "],
    "first": np.array(0),
    "two_zero": np.array([2, 0]),
    "empty": [""],
    "fill": [["b", "a"]],
}


def words_graph() -> bytes:
    """A graph over three columns of strings and one number, with every operator that strings may meet."""
    return graph_of(WORDS, CONSTANTS, ["all"])
