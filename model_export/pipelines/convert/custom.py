"""Transformers that convert themselves: any object with a method `to_onnx(graph, x)`.

`x` is the name of the step's input, [N, C] strings or doubles. The method returns the name of the output,
[N, F]: doubles, or strings where the class sets `onnx_output = "string"`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from model_export.pipelines.convert.graph import Graph, InexactError, Tensor


def converts_itself(estimator: Any) -> bool:
    return callable(getattr(estimator, "to_onnx", None)) and not isinstance(estimator, type)


def returns_strings(estimator: Any) -> bool:
    return getattr(estimator, "onnx_output", "number") == "string"


def custom(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    try:
        output = estimator.to_onnx(graph, inputs[0].name)
    except InexactError:
        raise
    # The method is the user's code, which may raise anything.
    except Exception as error:
        raise InexactError(f"its to_onnx failed: {type(error).__name__}: {error}; correct the method") from error
    if not isinstance(output, str):
        raise InexactError(f"its to_onnx returned {output!r}, not the name of a tensor; return what graph.op returned")
    return (output,)
