"""Nodes of a converter alone, run by ONNX Runtime: for tests of the arithmetic, without a pipeline around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnxruntime
from skl2onnx.common._container import ModelComponentContainer
from skl2onnx.common._topology import Scope

from model_export.pipelines.convert.graph import OPSETS, TARGET_OPSETS, Graph

Build = Callable[..., str | tuple[str, ...]]


def evaluate(build: Build, *inputs: Any) -> list[Any]:
    """The outputs of the nodes that `build(graph, *names of the inputs)` adds and returns the names of."""
    arrays = [np.asarray(array) for array in inputs]
    container = ModelComponentContainer(dict(TARGET_OPSETS))
    names = [f"input_{number}" for number in range(len(arrays))]
    built = build(Graph(Scope("test"), container), *names)
    outputs = (built,) if isinstance(built, str) else built
    model = onnx.helper.make_model(
        onnx.helper.make_graph(
            container.nodes,
            "test",
            [_declared(name, array) for name, array in zip(names, arrays, strict=True)],
            [onnx.ValueInfoProto(name=name) for name in outputs],
            container.initializers,
        ),
        opset_imports=[onnx.helper.make_opsetid(domain, version) for domain, version in OPSETS.items()],
        ir_version=10,
    )
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return list(session.run(None, dict(zip(names, arrays, strict=True))))


def _declared(name: str, array: Any) -> onnx.ValueInfoProto:
    kind = onnx.TensorProto.STRING if array.dtype.kind in "OU" else onnx.helper.np_dtype_to_tensor_dtype(array.dtype)
    return onnx.helper.make_tensor_value_info(name, kind, [None] * array.ndim)
