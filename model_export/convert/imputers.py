"""SimpleImputer: NaN among numbers, the empty string (None in a table) among strings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_export.convert.graph import Graph, Refusal, Tensor


def simple(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    if estimator.add_indicator:
        raise Refusal("add_indicator is not supported; leave it off")
    return (_strings if inputs[0].is_string else _numbers)(graph, estimator, inputs[0].name)


def _numbers(graph: Graph, estimator: Any, x: str) -> tuple[str, ...]:
    if not _is_nan(estimator.missing_values):
        raise Refusal(f"missing numbers are NaN, not {estimator.missing_values!r}; set missing_values=np.nan")
    if estimator._fill_dtype != np.float64:
        raise Refusal(f"it fills {estimator._fill_dtype} columns; fit it on float64 columns")
    statistics = np.asarray(estimator.statistics_, dtype=np.float64)
    if np.isnan(statistics).any():
        raise Refusal("a column had no value at all in training; drop the column or set strategy='constant'")
    return (graph.op("Where", graph.op("IsNaN", x), graph.doubles(1, -1, of=statistics), x),)


def _strings(graph: Graph, estimator: Any, x: str) -> tuple[str, ...]:
    sentinel = _string_sentinel(estimator.missing_values)
    statistics: NDArray[Any] = np.asarray(estimator.statistics_, dtype=object).reshape(1, -1)
    if not all(isinstance(value, str) and value for value in statistics[0]):
        raise Refusal(
            "a text column has no fill value: it had no value at all in training, or fill_value is empty;"
            " drop the column or set strategy='constant' and a fill_value"
        )
    missing = graph.op("Equal", x, graph.constant(np.array([sentinel], dtype=object)))
    return (graph.op("Where", missing, graph.constant(statistics), x),)


def _string_sentinel(missing_values: Any) -> str:
    if missing_values is None:
        return ""
    if isinstance(missing_values, str) and missing_values:
        return missing_values
    raise Refusal(
        f"missing strings are None, which missing_values={missing_values!r} leaves as they are; set missing_values=None"
    )


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and np.isnan(value)
