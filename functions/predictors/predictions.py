"""Predictions made from the arrays that a graph gives, and the types of these arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import repeat
from operator import add
from typing import Any, overload

import numpy as np
import numpy.typing as npt
import onnxruntime
import orjson

from functions.core.errors import DamagedVersionError, Fault, InvalidInputError
from functions.core.tasks import Scoring

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Prediction = float | dict[str, Any]
LABEL = "label"
ROW_START = b'{"label":'
FEW_ROWS = 8
"""Fewer rows are written faster as dicts."""
VALUE = ["variable"]
"""The output of a regression graph: float64 [N]."""


def classification_outputs(session: onnxruntime.InferenceSession) -> tuple[Scoring, list[str]]:
    """The scoring of a classification graph, and its outputs.

    They are `label`, int64 [N], an index into the labels, and `probabilities`, float64 [N, labels], or `decision`,
    float64 [N, labels], or [N, 1] for two labels.
    """
    scoring: Scoring = (
        "decision" if "decision" in {output.name for output in session.get_outputs()} else "probabilities"
    )
    return scoring, [LABEL, scoring]


def named_labels(outputs: Sequence[Any], labels: Sequence[str], scoring: Scoring) -> Sequence[Prediction]:
    """A label with its scores or its decision for each row of the outputs of a classification graph.

    Raises InvalidInputError for rows without finite numbers, and DamagedVersionError for labels of another number.
    """
    label, numbers = outputs
    refuse_not_finite(numbers)
    rows = LabelledRows(label, numbers, labels, scoring)
    return list(rows) if len(label) < FEW_ROWS else rows


class LabelledRows(Sequence[Prediction]):
    """A label with its scores or its decision for each row, as dicts once they are asked for.

    Answers are written straight from the arrays: thousands of dicts would take longer than the graph.
    """

    def __init__(self, label: Integers, numbers: Doubles, labels: Sequence[str], scoring: Scoring) -> None:
        """`label` [N] counts in `labels`; `numbers` are a score or a decision of each, or [N, 1] decisions of two.

        Raises DamagedVersionError for labels of another number, which would name the wrong classes.
        """
        self._of_two = scoring == "decision" and numbers.shape[1] == 1
        classes = 2 if self._of_two else numbers.shape[1]
        if classes != len(labels):
            raise DamagedVersionError(f"the graph has {classes} classes, the manifest {len(labels)} labels")
        if len(label) != len(numbers):
            raise DamagedVersionError(f"the graph has {len(label)} labels for {len(numbers)} rows")
        self._label, self._numbers, self._labels, self._scoring = label, numbers, labels, scoring

    def __len__(self) -> int:
        return len(self._label)

    def __iter__(self) -> Iterator[Prediction]:
        return iter(self._rows)

    @overload
    def __getitem__(self, row: int) -> Prediction: ...

    @overload
    def __getitem__(self, row: slice) -> list[Prediction]: ...

    def __getitem__(self, row: int | slice) -> Prediction | list[Prediction]:
        return self._rows[row]

    @cached_property
    def _rows(self) -> list[Prediction]:
        chosen = map(self._labels.__getitem__, self._label.tolist())
        if self._of_two:
            numbers = self._numbers[:, 0].tolist()
            return [{"label": label, "decision": number} for label, number in zip(chosen, numbers, strict=True)]
        by_labels = map(dict, map(zip, repeat(self._labels), self._numbers.tolist()))
        named = zip(chosen, by_labels, strict=True)
        if self._scoring == "decision":
            return [{"label": label, "decision": by_label} for label, by_label in named]
        return [{"label": label, "score": by_label[label], "scores": by_label} for label, by_label in named]

    def to_json(self) -> bytes:
        """The bytes that orjson would write for the list of these rows."""
        if len(self) == 0:
            return b"[]"
        # numbers are written in one call, and put between the other parts column by column: no loop over rows in Python
        numbers = np.ascontiguousarray(self._numbers, dtype=np.float64)
        cells = orjson.dumps(numbers.reshape(-1), option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].split(b",")
        chosen, names = self._label.tolist(), [orjson.dumps(label) for label in self._labels]
        row, columns = self._row_parts(names)
        parts = row * len(self)
        parts[:: len(row)] = map([b',{"label":' + name for name in names].__getitem__, chosen)
        for place, start in columns:
            parts[place :: len(row)] = cells[start :: numbers.shape[1]]
        if self._scoring == "probabilities":
            own = map(add, range(0, len(cells), len(names)), chosen)
            parts[2 :: len(row)] = map(cells.__getitem__, own)
        return b"[" + b"".join(parts)[1:] + b"]"

    def json_texts(self) -> list[bytes]:
        """The bytes that orjson would write for each row."""
        if len(self) < FEW_ROWS:
            return list(map(orjson.dumps, self._rows))
        # a quote within a text has a backslash before it, so these bytes are in no text
        return [ROW_START + rest for rest in self.to_json()[1 + len(ROW_START) : -1].split(b"," + ROW_START)]

    def columns(self) -> list[Sequence[Any]]:
        """The cells of the rows by column, in the order of the keys of a row: a label, and numbers."""
        labels: Sequence[Any] = list(map(self._labels.__getitem__, self._label.tolist()))
        numbers: list[Sequence[Any]] = [column.tolist() for column in self._numbers.T]
        if self._scoring == "decision":
            return [labels, *numbers]
        own = self._numbers[np.arange(len(self)), self._label]
        return [labels, own.tolist(), *numbers]

    def _row_parts(self, names: Sequence[bytes]) -> tuple[list[bytes], list[tuple[int, int]]]:
        """The parts of a row, empty for the label and the numbers; and the place of each number's column in them."""
        if self._of_two:
            return [b"", b',"decision":', b"", b"}"], [(2, 0)]
        row = [b"", b',"score":', b"", b',"scores":{'] if self._scoring == "probabilities" else [b"", b',"decision":{']
        first = len(row) + 1
        for name in names:
            row += [name + b":", b"", b","]
        return [*row[:-1], b"}}"], [(first + 3 * place, place) for place in range(len(names))]


def refuse_not_finite(values: Doubles) -> None:
    """Raise InvalidInputError with each row of `values` that holds a NaN or an infinity."""
    if np.isfinite(values).all():
        return
    rows = np.unique(np.argwhere(~np.isfinite(values))[:, 0]).tolist()
    raise InvalidInputError(
        [Fault((row,), "the model has no finite prediction for these values", "not_finite") for row in rows]
    )
