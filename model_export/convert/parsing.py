"""How skl2onnx reads a pipeline: which operator gets which columns, and of what type its answer is.

These parsers replace skl2onnx's own, which take permuted columns for the whole tensor, know no passthrough
step in a Pipeline, and declare float32 where a step answers doubles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from skl2onnx._parse import _parse_sklearn_simple_model
from skl2onnx.common.data_types import DoubleTensorType, Int64TensorType, StringTensorType
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.feature_extraction import DictVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline

from model_export.convert.dict_vectorizer import NamedDictVectorizer
from model_export.convert.graph import Graph, Refusal, Tensor
from model_export.convert.rules import rule_of
from model_export.convert.steps import StepRefusal, children, is_passthrough

Variables = list[Any]


@dataclass(frozen=True, slots=True)
class Select:
    """Takes some columns of one tensor."""

    columns: tuple[int, ...]


class Merge:
    """Puts tensors of one type side by side."""


def parse(scope: Any, estimator: Any, inputs: Variables, custom_parsers: Any = None) -> Variables:
    """The variables that hold the step's answer: one, two for a classifier, several for mixed columns."""
    if is_passthrough(estimator):
        return inputs
    if type(estimator) is Pipeline:
        for _, step in children(estimator):
            inputs = parse(scope, step, inputs)
        return inputs
    if type(estimator) is ColumnTransformer:
        return _parse_columns(scope, estimator, inputs)
    if type(estimator) is FeatureUnion:
        parsed = [parse(scope, step, inputs) for _, step in children(estimator) if step != "drop"]
        return [variable for variables in parsed for variable in variables]
    if type(estimator) is TransformedTargetRegressor:
        return _declare(scope, estimator, parse(scope, estimator.regressor_, inputs))
    if type(estimator) is DictVectorizer:
        return _parse_dictionaries(scope, estimator, inputs)
    return _declare(scope, estimator, _by_kind(scope, inputs))


def tensor_of(variable: Any) -> Tensor:
    shape = variable.type.shape
    return Tensor(variable.full_name, _is_string(variable), shape[1] if len(shape) == 2 else None)


def convert_select(graph: Graph, select: Select, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    return (graph.gather(inputs[0].name, list(select.columns)),)


def convert_merge(graph: Graph, merge: Merge, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    return (graph.concat([one.name for one in inputs]),)


def _parse_columns(scope: Any, transformer: Any, inputs: Variables) -> Variables:
    parsed: Variables = []
    for name, step in children(transformer):
        if step == "drop":
            continue
        columns = [int(column) for column in transformer._transformer_to_input_indices[name]]
        answers = parse(scope, step, _select(scope, inputs, columns))
        block = transformer.output_indices_[name]
        if len(answers) == 1:
            kind = type(answers[0].type)
            answers[0].type = kind([None, block.stop - block.start])
        parsed.extend(answers)
    return parsed


def _parse_dictionaries(scope: Any, vectorizer: Any, inputs: Variables) -> Variables:
    strings = [one for one in inputs if _is_string(one)]
    numbers = [one for one in inputs if not _is_string(one)]
    named = NamedDictVectorizer(
        vectorizer, tuple(one.raw_name for one in strings), tuple(one.raw_name for one in numbers)
    )
    return _declare(scope, named, _by_kind(scope, strings + numbers))


def _declare(scope: Any, estimator: Any, inputs: Variables) -> Variables:
    """An operator for the step, and its outputs."""
    rule = rule_of(estimator)
    _check_kinds(estimator, rule.takes if rule else "numbers", inputs)
    if rule is None:
        outputs = _parse_sklearn_simple_model(scope, estimator, inputs)
        for output in outputs:
            output.type = DoubleTensorType([None, None])
        return list(outputs)
    operator = _operator(scope, estimator, inputs)
    if rule.answers == "classification":
        types = [("label", Int64TensorType([None])), ("probabilities", DoubleTensorType([None, None]))]
    elif rule.answers == "regression":
        types = [("variable", DoubleTensorType([None]))]
    else:
        strings = rule.answers == "strings" or (rule.answers == "same" and _is_string(inputs[0]))
        types = [("transformed", (StringTensorType if strings else DoubleTensorType)([None, None]))]
    for name, kind in types:
        operator.outputs.append(scope.declare_local_variable(name, kind))
    return list(operator.outputs)


def _check_kinds(estimator: Any, takes: str, inputs: Variables) -> None:
    if not inputs:
        raise StepRefusal(estimator, "it gets no columns; remove it")
    if takes == "several":
        return
    if len(inputs) > 1:
        raise StepRefusal(estimator, "it gets text and numbers at once; give it one kind of columns")
    if takes == "numbers" and _is_string(inputs[0]):
        raise StepRefusal(estimator, "it gets text; encode the text columns in a step before it")


def _select(scope: Any, inputs: Variables, columns: list[int]) -> Variables:
    """The columns, counted over all inputs, in their order."""
    if len(inputs) == 1:
        places = [(0, column) for column in columns]
    else:
        flat = [(number, column) for number, one in enumerate(inputs) for column in range(_width(one))]
        places = [flat[column] for column in columns]
    selected = []
    for number, run in groupby(places, key=lambda place: place[0]):
        wanted = [column for _, column in run]
        variable = inputs[number]
        whole = variable.type.shape[1] is not None and wanted == list(range(variable.type.shape[1]))
        selected.append(variable if whole else _taken(scope, variable, wanted))
    return selected


def _taken(scope: Any, variable: Any, columns: list[int]) -> Any:
    operator = _operator(scope, Select(tuple(columns)), [variable])
    output = scope.declare_local_variable("selected", type(variable.type)([None, len(columns)]))
    operator.outputs.append(output)
    return output


def _by_kind(scope: Any, inputs: Variables) -> Variables:
    """Neighbours of one type merged into one tensor."""
    merged = []
    for _, run in groupby(inputs, key=_is_string):
        variables = list(run)
        if len(variables) == 1:
            merged.append(variables[0])
            continue
        widths = [one.type.shape[1] for one in variables]
        width = None if None in widths else sum(widths)
        operator = _operator(scope, Merge(), variables)
        operator.outputs.append(scope.declare_local_variable("merged", type(variables[0].type)([None, width])))
        merged.append(operator.outputs[0])
    return merged


def _operator(scope: Any, raw: Any, inputs: Variables) -> Any:
    operator = scope.declare_local_operator(alias_of(type(raw)), raw)
    for variable in inputs:
        operator.inputs.append(variable)
    return operator


def alias_of(kind: type) -> str:
    """Under what name skl2onnx knows our converter of this class."""
    return f"Despliegue{kind.__name__}"


def _is_string(variable: Any) -> bool:
    return isinstance(variable.type, StringTensorType)


def _width(variable: Any) -> int:
    width = variable.type.shape[1]
    if width is None:
        raise Refusal("columns are taken from a step whose width is not known; put it into a ColumnTransformer")
    return int(width)
