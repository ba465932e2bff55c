"""A small builder of ONNX nodes, for converters and for transformers that convert themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Literal, overload

import numpy as np
import onnx
from numpy.typing import NDArray

OPSETS = {"": 21, "ai.onnx.ml": 5}
TARGET_OPSETS = {"": 21, "ai.onnx.ml": 3}
"""Operator sets asked of skl2onnx, which knows no later ai.onnx.ml. Packing declares OPSETS in the end."""
ML = "ai.onnx.ml"


class InexactError(Exception):
    """A step has no exact ONNX form: the reason, and what to do. `convert` adds the name of the step."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """One input of a step: [N, width], strings, doubles or datetimes; `width` is None where it is not known.

    Datetimes are int64: the microseconds since 1970, the least int64 for a missing one.
    """

    name: str
    is_string: bool
    width: int | None = None
    is_datetime: bool = False


class Graph:
    """Adds nodes and constants, under names of their own, to the graph that skl2onnx is converting."""

    def __init__(self, scope: Any, container: Any) -> None:
        self._scope = scope
        self._container = container

    @overload
    def op(self, op_type: str, *inputs: str, domain: str = "", outputs: Literal[1] = 1, **attributes: Any) -> str: ...

    @overload
    def op(self, op_type: str, *inputs: str, domain: str = "", outputs: int, **attributes: Any) -> tuple[str, ...]: ...

    def op(
        self, op_type: str, *inputs: str, domain: str = "", outputs: int = 1, **attributes: Any
    ) -> str | tuple[str, ...]:
        """The name of the new node's output, or a tuple of names where `outputs` is not 1.

        A numpy array among the attributes becomes a tensor. Raises InexactError for MatMul.
        """
        if op_type == "MatMul":
            # onnxruntime folds a constant factor next to it into a float32 attribute (MatMulScaleFusion).
            raise InexactError("MatMul loses double precision in onnxruntime; use Gemm")
        names = [self._scope.get_unique_variable_name(op_type.lower()) for _ in range(outputs)]
        self._container.add_node(
            op_type,
            list(inputs),
            names,
            op_domain=domain,
            op_version=TARGET_OPSETS[domain],
            name=self._scope.get_unique_operator_name(op_type),
            **{name: _attribute(value) for name, value in attributes.items()},
        )
        return names[0] if outputs == 1 else tuple(names)

    def unused_name(self, seed: str) -> str:
        """A name that no tensor has yet."""
        return str(self._scope.get_unique_variable_name(seed))

    def constant(self, array: NDArray[Any]) -> str:
        """The name of a constant tensor with the shape and dtype of `array` (objects are strings)."""
        name = self.unused_name("constant")
        self._container.initializers.append(_tensor(np.asarray(array), name))
        return name

    def doubles(self, *shape: int, of: Any) -> str:
        """A constant of doubles, reshaped to `shape`."""
        return self.constant(np.asarray(of, dtype=np.float64).reshape(shape))

    def integers(self, *values: int) -> str:
        """A constant vector of int64."""
        return self.constant(np.array(values, dtype=np.int64))

    def gather(self, name: str, columns: list[int]) -> str:
        """The given columns of a [N, C] tensor."""
        return self.op("Gather", name, self.integers(*columns), axis=1)

    def concat(self, names: list[str]) -> str:
        """Tensors side by side."""
        return names[0] if len(names) == 1 else self.op("Concat", *names, axis=1)

    def flat(self, name: str) -> str:
        """[N, 1] as [N]."""
        return self.op("Reshape", name, self.integers(-1))

    def predicted(self, name: str, targets: int) -> str:
        """The predictions of a regressor from [N, targets]: [N] for one target, else as they are."""
        return self.flat(name) if targets == 1 else name


def taken(graph: Graph, tensors: Sequence[Tensor], columns: Sequence[int]) -> list[Tensor]:
    """The columns, counted over all tensors, in the given order; neighbours from one tensor stay together."""
    pieces = []
    for number, wanted in column_runs([tensor.width for tensor in tensors], columns):
        tensor = tensors[number]
        if wanted != list(range(tensor.width or 0)):
            tensor = replace(tensor, name=graph.gather(tensor.name, wanted), width=len(wanted))
        pieces.append(tensor)
    return pieces


def column_runs(widths: Sequence[int | None], columns: Sequence[int]) -> list[tuple[int, list[int]]]:
    """Runs of columns that come from one tensor: the number of the tensor, and the columns counted within it.

    `columns` are counted over tensors of these widths, side by side. Raises InexactError if there are several tensors
    and a width is not known.
    """
    places = [(0, column) for column in columns] if len(widths) == 1 else _places(widths, columns)
    return [(number, [column for _, column in run]) for number, run in groupby(places, key=lambda place: place[0])]


def _places(widths: Sequence[int | None], columns: Sequence[int]) -> list[tuple[int, int]]:
    known = [width for width in widths if width is not None]
    if len(known) < len(widths):
        raise InexactError("columns are taken from a step whose width is not known; put it into a ColumnTransformer")
    places = [(number, column) for number, width in enumerate(known) for column in range(width)]
    return [places[column] for column in columns]


def _attribute(value: Any) -> Any:
    return _tensor(value, "") if isinstance(value, np.ndarray) else value


def _tensor(array: NDArray[Any], name: str) -> Any:
    if array.dtype.kind in "OU":
        array = array.astype(object)
    return onnx.numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), name)
