"""Transformers that convert themselves, and the faults of their method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert


class Ratio(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """First column divided by the second; two outputs, the second one constant in fit."""

    def fit(self, X: Any, y: Any = None) -> Ratio:
        self.scale_ = float(np.mean(np.asarray(X)))
        return self

    def transform(self, X: Any) -> Any:
        first, second = np.asarray(X, dtype=float).T
        return np.column_stack([first / second, first / self.scale_])

    def to_onnx(self, graph: Any, x: str) -> str:
        first, second = graph.op("Split", x, outputs=2, axis=1, num_outputs=2)
        scaled = graph.op("Div", first, graph.constant(np.array(self.scale_)))
        return str(graph.op("Concat", graph.op("Div", first, second), scaled, axis=1))


class Suffix(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    onnx_output = "string"

    def fit(self, X: Any, y: Any = None) -> Suffix:
        self.fitted_ = True
        return self

    def transform(self, X: Any) -> Any:
        return np.vectorize(lambda cell: f"{cell or ''} ñ", otypes=[object])(np.asarray(X, dtype=object))

    def to_onnx(self, graph: Any, x: str) -> str:
        return str(graph.op("StringConcat", x, graph.constant(np.array([" ñ"]))))


class Broken(Ratio):
    def to_onnx(self, graph: Any, x: str) -> str:
        raise KeyError("scale")


class Product(Ratio):
    def to_onnx(self, graph: Any, x: str) -> str:
        return str(graph.op("MatMul", x, graph.constant(np.ones((2, 2)))))


class Silent(Ratio):
    def to_onnx(self, graph: Any, x: str) -> Any:
        graph.op("Neg", x)


def ratio_of(transformer: Any) -> Pipeline:
    columns = ColumnTransformer([("ratio", transformer, ["income", "age"]), ("rest", "passthrough", ["visits"])])
    return Pipeline([("columns", columns), ("model", LinearRegression())])


def test_numbers_to_numbers(parity: Callable[..., None], table: Any, target: Any) -> None:
    train = table(missing=False)
    parity(ratio_of(Ratio()).fit(train, target(train)), table(seed=1, missing=False))


def test_strings_to_strings_for_the_next_step(parity: Callable[..., None], table: Any, target: Any) -> None:
    marked = Pipeline([("mark", Suffix()), ("encode", OneHotEncoder(handle_unknown="ignore"))])
    columns = ColumnTransformer([("words", marked, ["plan", "city"])])
    pipeline = Pipeline([("columns", columns), ("model", LinearRegression())]).fit(table(), target(table()))
    parity(pipeline, table(seed=1, unseen=True))


@pytest.mark.parametrize(
    ("transformer", "reason"),
    [
        (Broken(), "its to_onnx failed: KeyError: 'scale'; correct the method"),
        (Product(), "MatMul loses double precision in onnxruntime; use Gemm"),
        (Silent(), "its to_onnx returned None, not the name of a tensor"),
    ],
)
def test_a_faulty_to_onnx_is_named(table: Any, target: Any, schema: Any, transformer: Any, reason: str) -> None:
    train = table(missing=False)
    with pytest.raises(ConversionError, match=rf"step 'columns__ratio' .{type(transformer).__name__}.*: {reason}"):
        convert(ratio_of(transformer).fit(train, target(train)), schema(train))


class Mean(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    def fit(self, X: Any, y: Any) -> Mean:
        self.mean_ = float(np.mean(y))
        return self

    def predict(self, X: Any) -> Any:
        return np.full(len(X), self.mean_)

    def to_onnx(self, graph: Any, x: str) -> str:
        return x


def test_only_transformers_convert_themselves(table: Any, target: Any, schema: Any) -> None:
    train = table(missing=False)[["age"]]
    with pytest.raises(ConversionError, match="the Mean cannot become ONNX: only transformers convert themselves"):
        convert(Mean().fit(train, target(table(missing=False))), schema(train))


def test_a_node_that_onnx_does_not_know_is_refused(table: Any, target: Any, schema: Any) -> None:
    class Unknown(Ratio):
        def to_onnx(self, graph: Any, x: str) -> str:
            return str(graph.op("NoSuchOperator", x))

    train = table(missing=False)
    with pytest.raises(ConversionError, match=r"the graph is not valid ONNX: .*NoSuchOperator"):
        convert(ratio_of(Unknown()).fit(train, target(train)), schema(train))


def test_strings_and_numbers_at_once_are_refused(table: Any, target: Any, schema: Any) -> None:
    class Length(Ratio):
        def transform(self, X: Any) -> Any:
            return np.ones((len(X), 1))

        def fit(self, X: Any, y: Any = None) -> Length:
            return self

    columns = ColumnTransformer([("length", Length(), ["city", "age"])])
    pipeline = Pipeline([("columns", columns), ("model", LinearRegression())])
    with pytest.raises(ConversionError, match="text and numbers at once; give it one kind of columns"):
        convert(pipeline.fit(table(missing=False), target(table())), schema(table()))
