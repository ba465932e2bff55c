"""A configuration through skl2onnx as it comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import pandas as pd
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, Int64TensorType, StringTensorType

from tools.conversion.configuration import Configuration
from tools.conversion.original import answered, answers, labels_of_several
from tools.conversion.outcome import Answers, Outcome, compared
from tools.conversion.rows import hostile
from tools.conversion.tables import Sample

Kind = type[np.float64] | type[np.float32]
Inputs = Mapping[str, npt.NDArray[Any]]
TYPES = {np.float64: DoubleTensorType, np.float32: FloatTensorType}
ORDER = ("exact", "near", "wrong", "fails")
PLAUSIBLE = 1e12
"""Greater magnitudes are left out: single precision is not expected to hold them."""


def convert(configuration: Configuration, rows: Sample, predictor: Any, kind: Kind) -> Outcome:
    """The outcome with `kind` as the type of all numbers that are no whole numbers."""
    frame = pd.concat([rows.held_out, hostile(rows.training)], ignore_index=True)
    numbers = frame.select_dtypes("number")
    frame = frame[(numbers.abs().fillna(0) < PLAUSIBLE).all(axis=1)]
    frame = answered(configuration, predictor, frame)
    expected = answers(configuration, predictor, frame)
    inputs = _ways_in(configuration.rows(frame), kind)
    tried = [_compared(configuration, predictor, one, expected) for one in inputs] or [Outcome("fails", "no input")]
    return min(tried, key=lambda outcome: ORDER.index(outcome.kind))


def _compared(configuration: Configuration, predictor: Any, inputs: Inputs, expected: Answers) -> Outcome:
    try:
        found = _run(configuration, predictor, inputs)
    except Exception as error:
        return Outcome("fails", type(error).__name__)
    return compared(expected, found)


def _run(configuration: Configuration, predictor: Any, inputs: Inputs) -> Answers:
    types = [(name, _type_of(array)) for name, array in inputs.items()]
    options = {"zipmap": False} if configuration.is_classification else None
    model = convert_sklearn(predictor, initial_types=types, options=options, target_opset={"": 21, "ai.onnx.ml": 3})
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    outputs = session.run(None, dict(inputs))
    if not configuration.is_classification:
        return Answers(np.asarray(outputs[0], dtype=np.float64).reshape(-1))
    if configuration.targets > 1:
        return Answers(_of_several(outputs[1]), labels_of_several(predictor, outputs[0]))
    classes = {label: place for place, label in enumerate(np.asarray(predictor.classes_).tolist())}
    labels = np.array([classes[label] for label in np.ravel(outputs[0]).tolist()], dtype=np.int64)
    return Answers(np.asarray(outputs[1], dtype=np.float64), labels)


def _of_several(found: Any) -> npt.NDArray[np.float64]:
    """Probabilities side by side, from an array [targets, N, K], or [N, targets] of the second class of each."""
    numbers = np.asarray(found, dtype=np.float64)
    if numbers.ndim == 3:
        return np.hstack(list(numbers))
    return np.stack([1 - numbers, numbers], axis=2).reshape(len(numbers), -1)


def _ways_in(rows: Any, kind: Kind) -> list[Inputs]:
    """Inputs that a user may declare, the best of which counts.

    A table of numbers goes in as one array or by column, its whole numbers as `kind` or, in front of an encoder, as
    integers.
    """
    if isinstance(rows, pd.Series):
        return [{"x": rows.to_numpy(object).reshape(-1, 1)}]
    if isinstance(rows, np.ndarray):
        return [] if rows.dtype == object else [{"x": rows.astype(kind)}]
    if not isinstance(rows, pd.DataFrame):
        return []
    by_column = [_by_column(rows, kind, whole) for whole in (kind, np.int64)]
    one = [{"x": rows.to_numpy(kind)}] if len(rows.select_dtypes(["number", "bool"]).columns) == rows.shape[1] else []
    return [*one, *by_column]


def _by_column(frame: pd.DataFrame, kind: Kind, whole: Any) -> Inputs:
    return {str(name): _array(column, kind, whole).reshape(-1, 1) for name, column in frame.items()}


def _array(column: pd.Series[Any], kind: Kind, whole: Any) -> npt.NDArray[Any]:
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_integer_dtype(column):
        return column.to_numpy(whole)
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(kind)
    return column.astype(object).where(column.notna(), "").to_numpy(object)


def _type_of(array: npt.NDArray[Any]) -> Any:
    width = array.shape[1]
    if array.dtype == object:
        return StringTensorType([None, width])
    return Int64TensorType([None, width]) if array.dtype == np.int64 else TYPES[array.dtype.type]([None, width])
