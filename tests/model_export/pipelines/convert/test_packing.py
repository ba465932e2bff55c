"""The signature of the graph: two inputs, in the order of the schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import onnx
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from model_export.pipelines.convert import convert


def fitted(
    table: pd.DataFrame, y: Any, *, model: Any = None, numbers: tuple[str, ...] = ("visits", "income")
) -> Pipeline:
    columns = ColumnTransformer(
        [("numbers", StandardScaler(), list(numbers)), ("text", OneHotEncoder(handle_unknown="ignore"), ["plan"])]
    )
    return Pipeline([("columns", columns), ("model", model or LinearRegression())]).fit(table, y)


def signature(tensors: Any) -> dict[str, tuple[int, list[Any]]]:
    return {
        one.name: (
            one.type.tensor_type.elem_type,
            [dim.dim_param or dim.dim_value for dim in one.type.tensor_type.shape.dim],
        )
        for one in tensors
    }


def test_two_inputs_hold_every_feature_also_unused_ones(table: Any, target: Any, schema: Any) -> None:
    train = table(missing=False)
    graph = onnx.load_from_string(convert(fitted(train, target(train)), schema(train))).graph
    assert signature(graph.input) == {
        "strings": (onnx.TensorProto.STRING, ["N", 2]),
        "numbers": (onnx.TensorProto.DOUBLE, ["N", 3]),
    }
    assert signature(graph.output) == {"variable": (onnx.TensorProto.DOUBLE, ["N"])}


def test_a_classifier_answers_label_and_probabilities(table: Any, target: Any, schema: Any) -> None:
    train = table(missing=False)
    pipeline = fitted(train, target(train, classes=3), model=LogisticRegression())
    graph = onnx.load_from_string(convert(pipeline, schema(train))).graph
    assert signature(graph.output) == {
        "label": (onnx.TensorProto.INT64, ["N"]),
        "probabilities": (onnx.TensorProto.DOUBLE, ["N", 3]),
    }


@pytest.mark.parametrize("columns", [["city", "plan"], ["age", "visits"]])
def test_a_kind_that_the_schema_lacks_has_no_input(table: Any, target: Any, schema: Any, columns: list[str]) -> None:
    train = table(missing=False)[columns]
    step = StandardScaler() if "age" in columns else OneHotEncoder(handle_unknown="ignore")
    pipeline = Pipeline([("step", step), ("model", LinearRegression())]).fit(train, target(table(missing=False)))
    graph = onnx.load_from_string(convert(pipeline, schema(train))).graph
    assert [one.name for one in graph.input] == ["numbers" if "age" in columns else "strings"]


@pytest.mark.parametrize(
    "order",
    [["visits", "plan", "income", "city", "age"], ["plan", "city", "age", "visits", "income"]],
)
def test_the_schema_alone_decides_the_packed_order(
    parity: Callable[..., None], table: Any, target: Any, schema: Any, order: list[str]
) -> None:
    train = table(missing=False)
    pipeline = fitted(train, target(train))
    served = table(seed=1, unseen=True, missing=False)[order]
    parity(pipeline, served, schema=schema(served))


def test_features_that_the_pipeline_never_saw_are_carried_along(
    parity: Callable[..., None], table: Any, target: Any
) -> None:
    train = table(missing=False)
    pipeline = fitted(train[["income", "plan", "visits"]], target(train))
    parity(pipeline, table(seed=1, unseen=True, missing=False))


def test_neighbouring_columns_are_read_without_a_node_each(table: Any, target: Any, schema: Any) -> None:
    train = table(missing=False)[["age", "income", "visits"]]
    pipeline = Pipeline([("scale", StandardScaler()), ("model", LinearRegression())])
    model = onnx.load_from_string(convert(pipeline.fit(train, target(table(missing=False))), schema(train)))
    assert [node.op_type for node in model.graph.node] == ["Sub", "Div", "Gemm", "Reshape"]


def test_the_same_pipeline_gives_the_same_bytes(table: Any, target: Any, schema: Any) -> None:
    train = table(missing=False)
    pipeline = fitted(train, target(train))
    assert convert(pipeline, schema(train)) == convert(pipeline, schema(train))


def test_the_graph_declares_the_operator_sets_it_was_written_for(table: Any, target: Any, schema: Any) -> None:
    train = table(missing=False)
    model = onnx.load_from_string(convert(fitted(train, target(train)), schema(train)))
    assert {one.domain: one.version for one in model.opset_import} == {"": 21, "ai.onnx.ml": 5}
    assert model.ir_version == 10
