"""Functions of numpy in ONNX, for FunctionTransformer and inverses of targets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from model_export.pipelines.convert.graph import Graph, InexactError, Tensor

ElementwiseFunction = Callable[[Graph, str], str]


def apply(graph: Graph, function: Any, x: str) -> str:
    """`function` of x element by element, None being the identity; raises InexactError if it is not in the table."""
    if function is None:
        return graph.op("Identity", x)
    # By identity: a function of the user may claim to equal one of numpy.
    known = {listed: convert for listed, convert in _table().items() if listed is function}
    if not known:
        names = ", ".join(f"np.{listed.__name__}" for listed in _table())
        raise InexactError(
            f"function {getattr(function, '__name__', function)!r} is not one of {names};"
            " use one of these, or a transformer with a method to_onnx(graph, x)"
        )
    return known[function](graph, x)


def function_transformer(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    if estimator.kw_args:
        raise InexactError("kw_args is not supported; use a transformer with a method to_onnx(graph, x)")
    return (apply(graph, estimator.func, inputs[0].name),)


def _table() -> Mapping[Any, ElementwiseFunction]:
    simple = {
        np.exp: "Exp",
        np.log: "Log",
        np.sqrt: "Sqrt",
        np.abs: "Abs",
        np.negative: "Neg",
        np.reciprocal: "Reciprocal",
        np.floor: "Floor",
        np.ceil: "Ceil",
        np.rint: "Round",
        np.sign: "Sign",
        np.tanh: "Tanh",
    }
    return {
        **{function: _operator(op_type) for function, op_type in simple.items()},
        np.expm1: _expm1,
        np.log1p: log1p,
        np.square: lambda graph, x: graph.op("Mul", x, x),
        np.log2: lambda graph, x: _logarithm(graph, x, base=2.0),
        np.log10: lambda graph, x: _logarithm(graph, x, base=10.0),
    }


def _operator(op_type: str) -> ElementwiseFunction:
    return lambda graph, x: graph.op(op_type, x)


def _logarithm(graph: Graph, x: str, *, base: float) -> str:
    return graph.op("Div", graph.op("Log", x), graph.constant(np.array(np.log(base))))


def _expm1(graph: Graph, x: str) -> str:
    """exp(x) - 1 without cancellation near 0: tanh(x / 2) (exp(x) + 1)."""
    half = graph.op("Mul", x, graph.constant(np.array(0.5)))
    above = graph.op("Add", graph.op("Exp", x), graph.constant(np.array(1.0)))
    return graph.op("Mul", graph.op("Tanh", half), above)


def log1p(graph: Graph, x: str) -> str:
    """log(1 + x) without cancellation near 0: with u = 1 + x rounded, log(u) x / (u - 1) (Kahan)."""
    one = graph.constant(np.array(1.0))
    rounded = graph.op("Add", x, one)
    kept = graph.op("Sub", rounded, one)
    # The error of rounding 1 + x is the same in both factors, and cancels (Goldberg 1991, theorem 4).
    ratio = graph.op("Div", graph.op("Mul", graph.op("Log", rounded), x), kept)
    return graph.op("Where", graph.op("Equal", kept, graph.constant(np.array(0.0))), x, ratio)
