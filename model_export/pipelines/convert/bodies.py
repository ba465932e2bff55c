"""Bodies of Loop and Scan nodes: small graphs with constants of their own, which use nothing of the graph around."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import onnx

from model_export.pipelines.convert.graph import Graph

TensorShape = list[int | str]
"""Sizes, or their names."""
TensorInput = tuple[int, TensorShape]
"""The type of the elements, as ONNX numbers them, and the shape."""
Build = Callable[..., Sequence[str]]
"""Adds nodes to the graph it gets, from the names of the body's inputs, and returns the names of its outputs."""


class _Body:
    """What Graph needs of skl2onnx: names, nodes and constants."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._count = 0
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []

    def get_unique_variable_name(self, seed: str) -> str:
        # Names of a body must not be those of tensors around it.
        self._count += 1
        return f"{self._prefix}_{seed}_{self._count}"

    get_unique_operator_name = get_unique_variable_name

    def add_node(
        self, op_type: str, inputs: list[str], outputs: list[str], *, op_domain: str, op_version: int, **attributes: Any
    ) -> None:
        self.nodes.append(onnx.helper.make_node(op_type, inputs, outputs, domain=op_domain, **attributes))


def body_of(graph: Graph, inputs: Mapping[str, TensorInput], build: Build) -> onnx.GraphProto:
    prefix = graph.unused_name("body")
    body = _Body(prefix)
    names = {f"{prefix}_{name}": declared for name, declared in inputs.items()}
    outputs = build(Graph(body, body), *names)
    return onnx.helper.make_graph(
        body.nodes,
        prefix,
        [onnx.helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in names.items()],
        [onnx.ValueInfoProto(name=name) for name in outputs],
        body.initializers,
    )
