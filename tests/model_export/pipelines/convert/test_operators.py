"""Operators that the parsers declare: names, variables, and neighbours of one type merged."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from skl2onnx.common._topology import Scope
from skl2onnx.common.data_types import DoubleTensorType, Int64TensorType, StringTensorType
from sklearn.linear_model import Ridge

from model_export.pipelines.convert.graph import Tensor
from model_export.pipelines.convert.operators import (
    Merge,
    Select,
    alias_of,
    by_kind,
    classification,
    columns,
    convert_merge,
    convert_select,
    is_datetime,
    is_string,
    selected,
    tensor_of,
    values,
)
from tests.model_export.pipelines.convert.small_graph import evaluate

TABLE = np.arange(6.0).reshape(2, 3)


@pytest.fixture
def scope() -> Scope:
    return Scope("test")


def declared(scope: Any, *widths: int | None, strings: bool = False) -> list[Any]:
    kind = StringTensorType if strings else DoubleTensorType
    return [scope.declare_local_variable("x", kind([None, width])) for width in widths]


def test_some_columns_are_taken_in_the_given_order() -> None:
    found = evaluate(lambda graph, x: convert_select(graph, Select((2, 0)), [Tensor(x, False, 3)]), TABLE)
    np.testing.assert_array_equal(found[0], TABLE[:, [2, 0]])


def test_tensors_are_put_side_by_side() -> None:
    found = evaluate(
        lambda graph, x, y: convert_merge(graph, Merge(), [Tensor(x, False, 3), Tensor(y, False, 3)]), TABLE, -TABLE
    )
    np.testing.assert_array_equal(found[0], np.hstack([TABLE, -TABLE]))


def test_an_alias_never_meets_one_of_skl2onnx() -> None:
    assert alias_of(Ridge) == "DespliegueRidge"


def test_neighbours_of_one_type_are_merged_and_others_stay_apart(scope: Any) -> None:
    first, second, last = declared(scope, 2, 3), declared(scope, 1, strings=True), declared(scope, 4)
    merged = by_kind(scope, [*first, *second, *last])
    assert [(is_string(variable), variable.type.shape[1]) for variable in merged] == [(False, 5), (True, 1), (False, 4)]
    assert merged[1:] == [*second, *last]
    (operator,) = scope.operators.values()
    assert (type(operator.raw_operator), list(operator.inputs)) == (Merge, first)


def test_a_merge_with_a_tensor_of_unknown_width_has_an_unknown_width(scope: Any) -> None:
    (merged,) = by_kind(scope, declared(scope, 2, None))
    assert tensor_of(merged).width is None


def test_outputs_are_doubles_unless_they_are_strings_or_labels(scope: Any) -> None:
    numbers = columns(scope, Select((0,)), declared(scope, 3), 1)
    words = columns(scope, Select((0,)), declared(scope, 3, strings=True), 1, StringTensorType)
    (moments,) = selected(scope, [scope.declare_local_variable("when", Int64TensorType([None, 3]))], [1, 0])
    (predictions,) = values(scope, Merge(), declared(scope, 3))
    label, probabilities = classification(scope, Merge(), declared(scope, 3), 4)
    assert [type(variable.type).__name__ for variable in (numbers, words, predictions, label, probabilities)] == [
        "DoubleTensorType",
        "StringTensorType",
        "DoubleTensorType",
        "Int64TensorType",
        "DoubleTensorType",
    ]
    assert (tensor_of(words).is_string, tensor_of(words).width, tensor_of(predictions).width) == (True, 1, None)
    assert probabilities.type.shape == [None, 4]
    assert (is_datetime(moments), tensor_of(moments).is_datetime, tensor_of(moments).width) == (True, True, 2)
    assert not is_datetime(label)


def test_datetimes_are_merged_with_datetimes_alone(scope: Any) -> None:
    moments = [scope.declare_local_variable("when", Int64TensorType([None, width])) for width in (1, 2)]
    merged = by_kind(scope, [*moments, *declared(scope, 3)])
    assert [(is_datetime(variable), variable.type.shape[1]) for variable in merged] == [(True, 3), (False, 3)]
