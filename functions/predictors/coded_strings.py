"""Strings of a table as the numbers that a graph makes of them, so that no string enters ONNX Runtime.

A graph looks every string up, and often cuts or fills it first. What its own nodes make of a string is computed once
and kept: for the levels of the schema as soon as the graph is opened, for others when they first come. A batch only
looks its strings up in that, so the numbers are those of the whole graph.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from functions.core.errors import DamagedVersionError
from functions.core.schema import Schema, Value
from functions.predictors.graph_parts import GraphParts, matrix_input, output_named
from functions.predictors.session import open_session
from functions.predictors.string_cells import MixedCellsError, StringNodes, string_nodes

STRINGS = "strings"
"""The graph's input of string features: [N, string features]."""
MISSING_STRING = ""
MOST_LEVEL_CELLS = 2**18
"""Numbers that are kept for the levels of a schema, 2 MB; levels beyond them come like strings that are no level."""
MOST_OTHERS = 4096
"""Strings of a column that are kept although they are no levels; then they are forgotten, all at once."""
LONGEST_KEPT = 64
"""Characters; a batch with a longer string that is no level is given to the graph as it is."""
Columns = Sequence[Sequence[Value]]
Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Place:
    """One tensor: its columns among the strings that are looked up, and its rows among the numbers of its type."""

    columns: tuple[int, ...]
    rows: slice


class KnownNumbers:
    """Numbers of one element type for strings that are known: `cells` [W, capacity], a column for each row of strings.

    Columns are added and never changed, so that threads may read them meanwhile.
    """

    def __init__(self, places: Mapping[str, Place], dtype: npt.DTypeLike, looked_up: int, capacity: int) -> None:
        self._places = places
        columns = [column for place in places.values() for column in place.columns]
        self._columns = np.array(columns, dtype=np.intp)
        self._is_each_once = columns == list(range(looked_up))
        self._cells = np.zeros((len(columns), capacity), dtype=dtype)
        self._flat = self._cells.reshape(-1)
        self._starts = np.arange(0, self._cells.size, capacity, dtype=np.intp)[:, np.newaxis]

    def put(self, first: int, outputs: Arrays) -> None:
        """Add what the nodes made of further rows of strings, from the column `first` on."""
        for name, place in self._places.items():
            self._cells[place.rows, first : first + len(outputs[name])] = outputs[name].T

    def inputs(self, rows: npt.NDArray[np.intp]) -> dict[str, npt.NDArray[Any]]:
        """The tensors [N, width] for `rows` [columns, N] of the strings."""
        spread = rows if self._is_each_once else rows.take(self._columns, axis=0)
        found = self._flat.take(spread + self._starts)
        return {name: np.ascontiguousarray(found[place.rows].T) for name, place in self._places.items()}


class KnownStrings:
    """The strings that are known in each column that is looked up, by their rows, and the numbers made of the rows."""

    def __init__(self, columns: int, numbers: Sequence[KnownNumbers], free_rows: int) -> None:
        self.free_rows = free_rows
        self._lookups: list[dict[Value, int]] = [{None: 0} for _ in range(columns)]
        self._row_of = [lookup.__getitem__ for lookup in self._lookups]
        self._numbers = numbers
        self._next_row = 0

    def add(self, strings: Columns, outputs: Arrays) -> None:
        """Add `strings` of each column, of which `outputs` were made."""
        for one in self._numbers:
            one.put(self._next_row, outputs)
        # last, because another thread looks a string up as soon as it is there
        for lookup, values in zip(self._lookups, strings, strict=True):
            lookup.update(zip(values, range(self._next_row, self._next_row + len(values)), strict=True))
        rows = _rows(strings)
        self._next_row, self.free_rows = self._next_row + rows, self.free_rows - rows

    def others(self, columns: Columns) -> list[list[Value]]:
        """The distinct strings of each column that are not known."""
        return [list(set(column) - lookup.keys()) for column, lookup in zip(columns, self._lookups, strict=True)]

    def inputs(self, columns: Columns) -> dict[str, npt.NDArray[Any]]:
        """The numbers of all rows, by tensor; raises KeyError for a string that is not known."""
        # the loops over columns and rows run in C
        found = chain.from_iterable(map(map, self._row_of, columns))
        shape = len(columns), len(columns[0])
        rows = np.fromiter(found, dtype=np.intp, count=shape[0] * shape[1]).reshape(shape)
        return {name: tensor for one in self._numbers for name, tensor in one.inputs(rows).items()}


class CodedStrings:
    """The nodes of a graph that read strings, and what they make of those that are known."""

    def __init__(self, parts: GraphParts, found: StringNodes, levels: Sequence[Sequence[str]]) -> None:
        """`levels` of each column of strings. Raises MixedCellsError where the nodes cannot be run on all of them."""
        self._tensors = {name: cells.columns for name, cells in found.numbers.items()}
        self._width = len(levels)
        self._used = sorted({column for columns in self._tensors.values() for column in columns})
        outputs = [output_named(name) for name in self._tensors]
        self._session = open_session(parts.model(found.nodes, [bytes(parts.inputs[STRINGS])], outputs))
        widest = max(self._width, sum(map(len, self._tensors.values())))
        most = max(1, MOST_LEVEL_CELLS // widest)
        self._levels = [list(dict.fromkeys([MISSING_STRING, *levels[column]]))[:most] for column in self._used]
        self._others = max(1, min(MOST_OTHERS, most))
        self._lock = threading.Lock()
        try:
            self._of_levels = self._run(self._levels)
        except Exception as error:  # errors of onnxruntime share no public base class
            raise MixedCellsError from error
        self._known = self._of_the_levels()

    def _of_the_levels(self) -> KnownStrings:
        groups: dict[Any, dict[str, Place]] = {}
        for name, columns in self._tensors.items():
            places = groups.setdefault(self._of_levels[name].dtype, {})
            first = sum(len(place.columns) for place in places.values())
            looked_up = tuple(map(self._used.index, columns))
            places[name] = Place(looked_up, slice(first, first + len(columns)))
        rows = _rows(self._levels)
        capacity = rows + self._others
        numbers = [KnownNumbers(places, dtype, len(self._used), capacity) for dtype, places in groups.items()]
        known = KnownStrings(len(self._used), numbers, capacity)
        known.add(self._levels, self._of_levels)
        return known

    def matrix_inputs(self) -> list[bytes]:
        """The inputs by which the other nodes of the graph take the numbers; raises ValueError for an odd type."""
        kinds = {output.name: output.type for output in self._session.get_outputs()}
        return [matrix_input(name, kinds[name], len(columns)) for name, columns in self._tensors.items()]

    def inputs(self, columns: Columns) -> Arrays:
        """The numbers for all columns of strings, by the name of the tensor: [N, width]."""
        used = [columns[column] for column in self._used]
        try:
            return self._known.inputs(used)
        except KeyError:
            known = self._with_strings(used)
            return self._run(used) if known is None else known.inputs(used)

    def _with_strings(self, used: Columns) -> KnownStrings | None:
        """What is known, with the strings of this batch; None if they are too many or too long to keep."""
        with self._lock:
            others = self._known.others(used)
            if any(len(str(one)) > LONGEST_KEPT for values in others for one in values):
                return None
            known = self._known
            if _rows(others) > known.free_rows:
                # a new object, because other threads may be reading the old one
                known = self._of_the_levels()
                others = known.others(used)
                if _rows(others) > known.free_rows:
                    return None
            if _rows(others):
                known.add(others, self._run(others))
            self._known = known
            return known

    def _run(self, used: Columns) -> dict[str, npt.NDArray[Any]]:
        """What the nodes make of the columns that are looked up; shorter ones are filled up."""
        strings = np.full((_rows(used), self._width), MISSING_STRING, dtype=object)
        for column, values in zip(self._used, used, strict=True):
            strings[: len(values), column] = [MISSING_STRING if value is None else value for value in values]
        return dict(zip(self._tensors, self._session.run(list(self._tensors), {STRINGS: strings}), strict=True))


def open_coded(
    graph: bytes, parts: GraphParts | None, schema: Schema
) -> tuple[CodedStrings | None, onnxruntime.InferenceSession]:
    """The strings of a graph apart, and a session of the other nodes; None and the whole graph where that is not exact.

    `parts` are those of the graph, None if it cannot be cut. Raises DamagedVersionError for a graph that cannot be run.
    """
    features = [feature for feature in schema.features if feature.is_string]
    # damage is for the session of the whole graph to refuse
    with suppress(MixedCellsError, ValueError, LookupError, DamagedVersionError):
        if features and parts:
            found = string_nodes(parts, STRINGS, len(features))
            coded = CodedStrings(parts, found, [[str(one) for one in each.allowed or each.levels] for each in features])
            return coded, open_session(_without_strings(parts, found, coded))
    return None, open_session(graph)


def _without_strings(parts: GraphParts, found: StringNodes, coded: CodedStrings) -> bytes:
    others = [bytes(whole) for name, whole in parts.inputs.items() if name != STRINGS]
    return parts.model(found.others, [*others, *coded.matrix_inputs()], map(bytes, parts.outputs.values()))


def _rows(columns: Columns) -> int:
    """The rows that columns of several lengths fill."""
    return max(map(len, columns))
