"""OneHotEncoder, OrdinalEncoder and TargetEncoder: every cell is looked up once, in one hash table for all columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx

from model_export.pipelines.convert.graph import ML, Graph, InexactError, Tensor

MISSING_CATEGORY = object()
"""The category of None or NaN among strings and of NaN among numbers; tensors hold the empty string or NaN."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """`ids` [N, C] int64 numbers the value of each cell, alike in all columns; any other value has `unknown`."""

    ids: str
    numbers: Mapping[object, int]

    @property
    def unknown(self) -> int:
        return len(self.numbers)


def one_hot(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    dropped = estimator._drop_idx_after_grouping
    dropped = [None] * len(estimator.categories_) if dropped is None else list(dropped)

    def encode(tensor: Tensor, start: int, categories: list[list[object]]) -> str:
        groups = [_grouped(estimator, start + column, values) for column, values in enumerate(categories)]
        kept = [
            (column, group)
            for column, values in enumerate(groups)
            for group in range(max(values.values(), default=-1) + 1)
            if group != dropped[start + column]
        ]
        if not any(_has_infrequent(estimator, start + column) for column in range(len(categories))):
            names = [{group: value for value, group in values.items()} for values in groups]
            wanted = [(column, names[column][group]) for column, group in kept]
            # Without infrequent categories the numbers are compared as they are, which saves a table of codes.
            return indicators(graph, look_up(graph, tensor, categories), wanted)
        codes = [{value: float(group) for value, group in values.items()} for values in groups]
        unknown = [_unknown_group(estimator, start + column) for column in range(len(categories))]
        return _equal(graph, mapped(graph, tensor, codes, unknown), kept)

    return (_each_kind(graph, estimator, inputs, encode),)


def ordinal(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    # scikit-learn gives NaN encoded_missing_value, and takes None for a category like any other.
    missing = estimator._missing_indices

    def encode(tensor: Tensor, start: int, categories: list[list[object]]) -> str:
        codes = [
            {
                category: float(estimator.encoded_missing_value if position == missing.get(start + column) else group)
                for position, (category, group) in enumerate(_grouped(estimator, start + column, values).items())
            }
            for column, values in enumerate(categories)
        ]
        # Without one it raises an error instead, and closed_encoders.py has made sure that no unknown value is sent.
        unknown = np.nan if estimator.unknown_value is None else estimator.unknown_value
        _refuse_rounded_codes(estimator, [unknown, *(code for column in codes for code in column.values())])
        return mapped(graph, tensor, codes, [float(unknown)] * len(codes))

    return (_each_kind(graph, estimator, inputs, encode),)


def target(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """The mean of the target in each category, once for each class where there are several."""
    classes = len(estimator.classes_) if estimator.target_type_ == "multiclass" else 1
    means = np.broadcast_to(estimator.target_mean_, classes).tolist()

    def encode(tensor: Tensor, start: int, categories: list[list[object]]) -> str:
        places = [(column, number) for column in range(len(categories)) for number in range(classes)]
        codes = [
            dict(zip(categories[column], estimator.encodings_[(start + column) * classes + number], strict=True))
            for column, number in places
        ]
        if classes > 1:
            repeated = graph.gather(tensor.name, [column for column, _ in places])
            tensor = Tensor(repeated, tensor.is_string, len(places))
        return mapped(graph, tensor, codes, means * len(categories))

    return (_each_kind(graph, estimator, inputs, encode),)


def look_up(graph: Graph, tensor: Tensor, categories: Sequence[Sequence[object]]) -> Lookup:
    """One LabelEncoder over all columns; the same value has the same number in every column."""
    numbers = {
        value: number for number, value in enumerate(dict.fromkeys(value for column in categories for value in column))
    }
    present = [value for value in numbers if value is not MISSING_CATEGORY or tensor.is_string]
    identifiers = np.array([numbers[value] for value in present], dtype=np.int64)
    # LabelEncoder takes no empty list of keys; 0.0 gets the number of an unknown value.
    if not tensor.is_string and not present:
        present, identifiers = [0.0], np.array([len(numbers)], dtype=np.int64)
    ids = graph.op(
        "LabelEncoder",
        tensor.name,
        domain=ML,
        keys_tensor=_keys(present, tensor.is_string),
        values_tensor=identifiers,
        default_tensor=np.array([len(numbers)], dtype=np.int64),
    )
    if MISSING_CATEGORY in numbers and not tensor.is_string:
        # onnxruntime's LabelEncoder never finds NaN among double keys, as NaN is not equal to itself.
        missing = graph.op("IsNaN", tensor.name)
        ids = graph.op("Where", missing, graph.integers(numbers[MISSING_CATEGORY]), ids)
    return Lookup(ids, numbers)


def indicators(graph: Graph, lookup: Lookup, kept: Sequence[tuple[int, object]]) -> str:
    """[N, len(kept)] doubles: 1 where the cell of that column holds that category."""
    spread = graph.gather(lookup.ids, [column for column, _ in kept])
    expected = graph.integers(*(lookup.numbers[category] for _, category in kept))
    return graph.op("Cast", graph.op("Equal", spread, expected), to=onnx.TensorProto.DOUBLE)


def mapped(graph: Graph, tensor: Tensor, codes: Sequence[Mapping[object, float]], unknown: Sequence[float]) -> str:
    """[N, C] doubles: each cell's code in its column, or what `unknown` holds for the column."""
    lookup = look_up(graph, tensor, [list(column) for column in codes])
    size = len(lookup.numbers) + 1
    # One flat table for all columns, so that a single Gather reads every cell: each column has its own offset in it.
    table = np.repeat(np.array(unknown, dtype=np.float64).reshape(-1, 1), size, axis=1)
    for row, column in zip(table, codes, strict=True):
        for category, code in column.items():
            row[lookup.numbers[category]] = code
    ids = lookup.ids
    if len(codes) > 1:
        ids = graph.op("Add", ids, graph.integers(*range(0, size * len(codes), size)))
    return graph.op("Gather", graph.constant(table.reshape(-1)), ids, axis=0)


def _each_kind(
    graph: Graph,
    estimator: Any,
    inputs: Sequence[Tensor],
    encode: Callable[[Tensor, int, list[list[object]]], str],
) -> str:
    """Encode strings and numbers apart, in runs that keep the order of the columns."""
    dtype = np.dtype(getattr(estimator, "dtype", float))
    # A double holds the same whole numbers; what a later step fitted in float32 is refused there.
    if dtype not in (np.float64, np.float32) and dtype.kind not in "biu":
        raise InexactError(f"dtype {dtype} is not supported; set dtype=np.float64")
    if len(inputs) > 1 and any(tensor.width is None for tensor in inputs):
        raise InexactError("it gets text and numbers from steps of unknown width; give it one kind of columns")
    start, encoded = 0, []
    for tensor in inputs:
        stop = len(estimator.categories_) if tensor.width is None else start + tensor.width
        columns = [
            [_category(value, tensor.is_string) for value in values] for values in estimator.categories_[start:stop]
        ]
        _refuse_two_kinds_of_missing(columns)
        encoded.append(encode(tensor, start, columns))
        start = stop
    return graph.concat(encoded)


def _refuse_rounded_codes(estimator: Any, codes: Sequence[float]) -> None:
    for code in codes:
        if code == code and float(np.asarray(code, dtype=estimator.dtype)) != code:
            raise InexactError(f"{np.dtype(estimator.dtype)} does not hold the code {code}; set dtype=np.float64")


def _has_infrequent(estimator: Any, column: int) -> bool:
    return bool(estimator._infrequent_enabled) and estimator._infrequent_indices[column] is not None


def _grouped(estimator: Any, column: int, categories: Sequence[object]) -> dict[object, int]:
    """The number of each category; infrequent ones share the last. NaN, in OrdinalEncoder alone, keeps its own."""
    if not _has_infrequent(estimator, column):
        return {category: position for position, category in enumerate(categories)}
    mapping = estimator._default_to_infrequent_mappings[column].tolist()
    own = range(len(mapping), len(categories))
    return dict(zip(categories, [*mapping, *own], strict=True))


def _unknown_group(estimator: Any, column: int) -> float:
    """The infrequent group where there is one and it takes unknown values, else no group's number."""
    if estimator.handle_unknown == "ignore" or not _has_infrequent(estimator, column):
        return -1.0
    return float(estimator._default_to_infrequent_mappings[column].max())


def _equal(graph: Graph, codes: str, kept: Sequence[tuple[int, int]]) -> str:
    spread = graph.gather(codes, [column for column, _ in kept])
    expected = graph.doubles(-1, of=[group for _, group in kept])
    return graph.op("Cast", graph.op("Equal", spread, expected), to=onnx.TensorProto.DOUBLE)


def _refuse_two_kinds_of_missing(columns: Sequence[Sequence[object]]) -> None:
    if any(column.count(MISSING_CATEGORY) > 1 for column in columns):
        raise InexactError(
            "None and NaN are both among its categories; fit it on columns where one of them means missing"
        )


def _category(value: Any, is_string: bool) -> object:
    if is_string:
        return _word(value)
    if isinstance(value, float | np.floating) and np.isnan(value):
        return MISSING_CATEGORY
    if isinstance(value, int | float | np.number | np.bool_):
        return float(value)
    raise InexactError(f"{value!r} is among its categories, where the schema's feature is a number")


def _word(value: Any) -> object:
    if value is None or (isinstance(value, float | np.floating) and np.isnan(value)):
        return MISSING_CATEGORY
    if isinstance(value, str) and value:
        return str(value)
    if value == "" or value != value:
        raise InexactError(f"{value!r} is among its categories; fit it on a column of objects with None where missing")
    raise InexactError(f"{value!r} is among its categories, where the schema's feature is a string")


def _keys(values: Sequence[object], is_string: bool) -> Any:
    if is_string:
        return np.array(["" if value is MISSING_CATEGORY else value for value in values], dtype=object)
    return np.array(values, dtype=np.float64)
