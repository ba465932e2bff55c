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
    x = inputs[0].name
    if not estimator.kw_args:
        return (apply(graph, estimator.func, x),)
    known = [convert for listed, convert in WITH_ARGUMENTS.items() if listed is estimator.func]
    if not known:
        names = ", ".join(f"np.{listed.__name__}" for listed in WITH_ARGUMENTS)
        raise InexactError(f"kw_args is supported for {names} only; use a transformer with a method to_onnx(graph, x)")
    return (known[0](graph, x, dict(estimator.kw_args)),)


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
        np.sin: "Sin",
        np.cos: "Cos",
    }
    return {
        **{function: _operator(op_type) for function, op_type in simple.items()},
        np.expm1: expm1,
        np.log1p: log1p,
        np.square: lambda graph, x: graph.op("Mul", x, x),
        np.log2: lambda graph, x: _logarithm(graph, x, base=2.0),
        np.log10: lambda graph, x: _logarithm(graph, x, base=10.0),
        np.cbrt: _cube_root,
        np.tan: lambda graph, x: graph.op("Div", graph.op("Sin", x), graph.op("Cos", x)),
        np.exp2: lambda graph, x: graph.op("Pow", graph.constant(np.array(2.0)), x),
        np.deg2rad: lambda graph, x: graph.op("Mul", x, graph.constant(np.array(np.pi / 180))),
        np.rad2deg: lambda graph, x: graph.op("Mul", x, graph.constant(np.array(180 / np.pi))),
        np.nan_to_num: lambda graph, x: _without_nan(graph, x, {}),
    }


def _operator(op_type: str) -> ElementwiseFunction:
    return lambda graph, x: graph.op(op_type, x)


def _logarithm(graph: Graph, x: str, *, base: float) -> str:
    return graph.op("Div", graph.op("Log", x), graph.constant(np.array(np.log(base))))


def expm1(graph: Graph, x: str) -> str:
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
    is_itself = graph.op("Equal", kept, graph.constant(np.array(0.0)))
    # infinity over infinity is no number
    is_itself = graph.op("Or", is_itself, graph.op("IsInf", x, detect_negative=0))
    return graph.op("Where", is_itself, x, ratio)


def _cube_root(graph: Graph, x: str) -> str:
    """The root of the magnitude with the sign of x; one step of Newton takes away the error of the power of 1/3."""
    size = graph.op("Abs", x)
    root = graph.op("Pow", size, graph.constant(np.array(1 / 3)))
    excess = graph.op("Sub", graph.op("Mul", root, graph.op("Mul", root, root)), size)
    slope = graph.op("Mul", graph.constant(np.array(3.0)), graph.op("Mul", root, root))
    is_zero = graph.op("Equal", size, graph.constant(np.array(0.0)))
    refined = graph.op("Sub", root, graph.op("Div", excess, slope))
    return graph.op("Mul", graph.op("Sign", x), graph.op("Where", is_zero, size, refined))


def _clip(graph: Graph, x: str, arguments: dict[str, Any]) -> str:
    names = (("a_min", "min"), ("a_max", "max"))
    bounds = [next((arguments.pop(name) for name in pair if name in arguments), None) for pair in names]
    _refuse_others(np.clip, arguments, bounds)
    low, high = (end if bound is None else float(bound) for bound, end in zip(bounds, (-np.inf, np.inf), strict=True))
    return graph.op("Clip", x, graph.constant(np.array(low)), graph.constant(np.array(high)))


def _without_nan(graph: Graph, x: str, arguments: dict[str, Any]) -> str:
    """NaN as 0 or `nan`; infinities as the greatest doubles."""
    value = arguments.pop("nan", 0.0)
    arguments.pop("copy", None)
    _refuse_others(np.nan_to_num, arguments, [value])
    greatest = np.finfo(np.float64).max
    finite = graph.op("Clip", x, graph.constant(np.array(-greatest)), graph.constant(np.array(greatest)))
    return graph.op("Where", graph.op("IsNaN", x), graph.constant(np.array(float(value))), finite)


def _refuse_others(function: Any, arguments: dict[str, Any], values: Sequence[Any]) -> None:
    if arguments:
        raise InexactError(f"kw_args of np.{function.__name__} cannot be {sorted(arguments)}; leave them out")
    if not all(value is None or np.isscalar(value) for value in values):
        raise InexactError(f"kw_args of np.{function.__name__} should be single numbers")


WITH_ARGUMENTS: Mapping[Any, Callable[[Graph, str, dict[str, Any]], str]] = {
    np.clip: _clip,
    np.nan_to_num: _without_nan,
}
"""Functions that take `kw_args`."""
