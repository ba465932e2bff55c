"""SimpleImputer and MissingIndicator: NaN among numbers, the empty string (None, or NaN, in a frame) among strings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from model_export.pipelines.convert.graph import Graph, InexactError, Tensor


def simple(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """Fill missing cells; with `add_indicator`, 0 or 1 follows for each column that had missing values in training."""
    (tensor,) = inputs
    if not estimator.add_indicator:
        return ((_strings if tensor.is_string else _numbers)(graph, estimator, tensor.name),)
    if tensor.is_string:
        raise InexactError("add_indicator puts numbers next to text; leave it off and use a separate MissingIndicator")
    imputed = _numbers(graph, estimator, tensor.name)
    if not len(estimator.indicator_.features_):
        return (imputed,)
    return (graph.concat([imputed, *indicator(graph, estimator.indicator_, inputs)]),)


def indicator(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """MissingIndicator: [N, F] doubles, 1 where the value is missing."""
    (tensor,) = inputs
    columns = [int(column) for column in estimator.features_]
    if estimator.error_on_new and len(columns) < estimator.n_features_in_:
        raise InexactError("a graph cannot raise an error, as error_on_new does; set error_on_new=False")
    x = graph.gather(tensor.name, columns)
    missing = _missing_strings(graph, estimator, x) if tensor.is_string else missing_numbers(graph, estimator, x)
    return (graph.op("Cast", missing, to=onnx.TensorProto.DOUBLE),)


def _numbers(graph: Graph, estimator: Any, x: str) -> str:
    missing = missing_numbers(graph, estimator, x)
    statistics = np.asarray(estimator.statistics_, dtype=np.float64)
    if np.isnan(statistics).any():
        raise InexactError("a column had no value at all in training; drop the column or set strategy='constant'")
    if estimator._fill_dtype == np.float32:
        raise InexactError("it fills float32 columns; fit it on float64 columns")
    # Fitted on whole numbers, scikit-learn cuts the fill value to one.
    statistics = statistics.astype(estimator._fill_dtype).astype(np.float64)
    return graph.op("Where", missing, graph.doubles(1, -1, of=statistics), x)


def _strings(graph: Graph, estimator: Any, x: str) -> str:
    statistics: NDArray[Any] = np.asarray(estimator.statistics_, dtype=object).reshape(1, -1)
    if not all(isinstance(value, str) and value for value in statistics[0]):
        raise InexactError(
            "a text column has no fill value: it had no value at all in training, or fill_value is empty;"
            " drop the column or set strategy='constant' and a fill_value"
        )
    return graph.op("Where", _missing_strings(graph, estimator, x), graph.constant(statistics), x)


def missing_numbers(graph: Graph, estimator: Any, x: str) -> str:
    """[N, C]: whether a number is the one that `missing_values` names."""
    sentinel = estimator.missing_values
    if sentinel is None or _is_nan(sentinel):
        return graph.op("IsNaN", x)
    if isinstance(sentinel, str):
        raise InexactError(f"missing numbers are NaN, not {sentinel!r}; set missing_values=np.nan")
    return graph.op("Equal", x, graph.constant(np.array(float(sentinel))))


def _missing_strings(graph: Graph, estimator: Any, x: str) -> str:
    sentinel = _string_sentinel(estimator.missing_values)
    return graph.op("Equal", x, graph.constant(np.array([sentinel], dtype=object)))


def _string_sentinel(missing_values: Any) -> str:
    if missing_values is None or _is_nan(missing_values):
        return ""
    if isinstance(missing_values, str) and missing_values:
        return missing_values
    raise InexactError(
        f"missing strings are None, which missing_values={missing_values!r} leaves as they are; set missing_values=None"
    )


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and np.isnan(value)
