"""Expressions of columns: each tree becomes nodes, in the arithmetic of numpy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import onnx

from model_export.pipelines.convert import functions
from model_export.pipelines.convert.graph import Graph, Tensor
from model_export.transformers.expression_trees import NEGATIVE, SQUARE, fold

Operate = Callable[..., str]
"""Adds the nodes of one operation to a graph, from the names of its arguments."""


def expressions(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """The new columns alone, from those that the expressions read, in the order of `columns_read_`."""
    columns = {name: graph.gather(inputs[0].name, [place]) for place, name in enumerate(estimator.columns_read_)}
    computed = []
    for name, tree in estimator.trees_.items():
        columns[name] = fold(tree, partial(_number, graph), columns.__getitem__, partial(_operated, graph))
        computed.append(columns[name])
    return (graph.concat(computed),)


def _number(graph: Graph, value: float) -> str:
    return graph.doubles(1, 1, of=value)


def _operated(graph: Graph, name: str, arguments: Sequence[str]) -> str:
    return OPERATIONS[name](graph, *arguments)


def _operator(op_type: str) -> Operate:
    return lambda graph, *arguments: graph.op(op_type, *arguments)


def _comparison(op_type: str) -> Operate:
    return lambda graph, *arguments: graph.op("Cast", graph.op(op_type, *arguments), to=onnx.TensorProto.DOUBLE)


def _function(function: Any) -> Operate:
    return lambda graph, x: functions.apply(graph, function, x)


def _differs(graph: Graph, left: str, right: str) -> str:
    return graph.op("Cast", graph.op("Not", graph.op("Equal", left, right)), to=onnx.TensorProto.DOUBLE)


def _remainder(graph: Graph, left: str, right: str) -> str:
    """The remainder with the sign of the divisor, as Python has it; that of C has the sign of the dividend."""
    zero = _number(graph, 0.0)
    found = graph.op("Mod", left, right, fmod=1)
    has_other_sign = graph.op("Less", graph.op("Mul", graph.op("Sign", found), graph.op("Sign", right)), zero)
    return graph.op("Where", has_other_sign, graph.op("Add", found, right), found)


def _where(graph: Graph, condition: str, then: str, otherwise: str) -> str:
    return graph.op("Where", graph.op("Equal", condition, _number(graph, 0.0)), otherwise, then)


OPERATIONS: Mapping[str, Operate] = {
    "+": _operator("Add"),
    "-": _operator("Sub"),
    "*": _operator("Mul"),
    "/": _operator("Div"),
    "%": _remainder,
    "**": _operator("Pow"),
    "<": _comparison("Less"),
    "<=": _comparison("LessOrEqual"),
    ">": _comparison("Greater"),
    ">=": _comparison("GreaterOrEqual"),
    "==": _comparison("Equal"),
    "!=": _differs,
    NEGATIVE: _operator("Neg"),
    SQUARE: _function(np.square),
    "isnan": _comparison("IsNaN"),
    "maximum": _operator("Max"),
    "minimum": _operator("Min"),
    "where": _where,
    **{
        name: _function(getattr(np, name))
        for name in ("abs", "ceil", "exp", "expm1", "floor", "log", "log10", "log1p", "log2", "sqrt")
    },
}
"""For each operation of an expression, the nodes that compute what numpy does."""
