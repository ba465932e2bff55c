"""Operators and variables that the parsers declare to skl2onnx, and those that take and merge columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from skl2onnx.common.data_types import DoubleTensorType, Int64TensorType, StringTensorType

from model_export.pipelines.convert.graph import Graph, Tensor, column_runs

Variables = list[Any]
DOCUMENTS = ("rows", "columns", "values", "documents")
"""The inputs of a graph over documents, in their order."""


@dataclass(frozen=True, slots=True)
class Select:
    """Takes some columns of one tensor."""

    columns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Weigh:
    """Multiplies columns by one number, a weight of `transformer_weights`."""

    weight: float


class Merge:
    """Puts tensors of one type side by side."""


def convert_select(graph: Graph, select: Select, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    return (graph.gather(inputs[0].name, list(select.columns)),)


def convert_weigh(graph: Graph, weigh: Weigh, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    return (graph.op("Mul", inputs[0].name, graph.constant(np.array(weigh.weight))),)


def convert_merge(graph: Graph, merge: Merge, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    return (graph.concat([tensor.name for tensor in inputs]),)


def alias_of(kind: type) -> str:
    """The name under which skl2onnx knows the converter of this class."""
    return f"Despliegue{kind.__name__}"


def is_string(variable: Any) -> bool:
    return isinstance(variable.type, StringTensorType)


def is_datetime(variable: Any) -> bool:
    """True for columns of datetimes; labels are int64 too, and have one dimension."""
    return isinstance(variable.type, Int64TensorType) and len(variable.type.shape) > 1


def kind_of(variable: Any) -> Any:
    """The type of a variable's values, as skl2onnx has it."""
    return Int64TensorType if is_datetime(variable) else StringTensorType if is_string(variable) else DoubleTensorType


def tensor_of(variable: Any) -> Tensor:
    shape = variable.type.shape
    width = shape[1] if len(shape) == 2 else None
    return Tensor(variable.full_name, is_string(variable), width, is_datetime(variable))


def operator(scope: Any, raw: Any, inputs: Variables) -> Any:
    """A new operator, without outputs yet."""
    declared = scope.declare_local_operator(alias_of(type(raw)), raw)
    for variable in inputs:
        declared.inputs.append(variable)
    return declared


def columns(scope: Any, raw: Any, inputs: Variables, width: int | None, kind: Any = DoubleTensorType) -> Any:
    """The output of a new operator that returns columns, [N, width]."""
    variable = scope.declare_local_variable("columns", kind([None, width]))
    operator(scope, raw, inputs).outputs.append(variable)
    return variable


def values(scope: Any, raw: Any, inputs: Variables, targets: int = 1) -> Variables:
    """The output of a new operator that predicts numbers: [N], or [N, targets] of several targets."""
    shape = [None] if targets == 1 else [None, targets]
    variable = scope.declare_local_variable("variable", DoubleTensorType(shape))
    operator(scope, raw, inputs).outputs.append(variable)
    return [variable]


def classification(scope: Any, raw: Any, inputs: Variables, width: int | None = None, *, targets: int = 1) -> Variables:
    """The outputs of a new operator that classifies: [N] int64, and probabilities or the decision, [N, width].

    Of several targets the first is [N, targets].
    """
    declared = operator(scope, raw, inputs)
    shape = [None] if targets == 1 else [None, targets]
    declared.outputs.append(scope.declare_local_variable("label", Int64TensorType(shape)))
    declared.outputs.append(scope.declare_local_variable("scores", DoubleTensorType([None, width])))
    return list(declared.outputs)


def are_documents(inputs: Variables) -> bool:
    """True for the cells of a matrix of terms: four vectors, as TextPredictor feeds them."""
    return len(inputs) == len(DOCUMENTS) and all(len(variable.type.shape) == 1 for variable in inputs)


def by_kind(scope: Any, inputs: Variables) -> Variables:
    """The inputs, with neighbours of one type merged into one tensor; documents stay as they are."""
    if are_documents(inputs):
        return inputs
    merged = []
    for kind, run in groupby(inputs, key=kind_of):
        variables = list(run)
        if len(variables) == 1:
            merged.append(variables[0])
            continue
        widths = [variable.type.shape[1] for variable in variables]
        width = None if None in widths else sum(widths)
        merged.append(columns(scope, Merge(), variables, width, kind))
    return merged


def selected(scope: Any, inputs: Variables, wanted: list[int]) -> Variables:
    """The columns, counted over all inputs, in the given order."""
    runs = column_runs([variable.type.shape[1] for variable in inputs], wanted)
    return [_taken(scope, inputs[number], run) for number, run in runs]


def _taken(scope: Any, variable: Any, wanted: list[int]) -> Any:
    """The columns of a variable; all of them, in its own order, are the variable itself."""
    if wanted == list(range(variable.type.shape[1] or 0)):
        return variable
    return columns(scope, Select(tuple(wanted)), [variable], len(wanted), kind_of(variable))
