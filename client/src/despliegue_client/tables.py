"""What callers hand over, as rows of JSON; and predictions as what they get back: a frame, or a list in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeGuard

from despliegue_client.errors import Fault, UnsendableError
from despliegue_client.exchange import Record
from despliegue_client.json_values import json_bytes, json_rows, json_value, text_of

if TYPE_CHECKING:
    import pandas as pd

    Frame = pd.DataFrame
else:
    Frame = Any

Rows = Sequence[Mapping[str, Any]]
PREDICTION = "prediction"
WARNINGS = "warnings"


class Predictions(list[Any]):
    """Predictions in the order of the rows; None is a row of a batch that was refused.

    `warnings` has a list of Fault for each row; `versions` are those that predicted, more than one if another was
    promoted meanwhile.
    """

    def __init__(
        self, found: Sequence[Any] = (), warnings: Sequence[list[Fault]] = (), versions: Sequence[int] = ()
    ) -> None:
        super().__init__(found)
        self.warnings = list(warnings)
        self.versions = list(versions)


@dataclass(frozen=True, slots=True)
class Table:
    """The JSON of each row. `frame` is where the rows came from, None for dicts."""

    rows: Sequence[bytes] = field(repr=False)
    frame: Frame | None = field(default=None, repr=False)

    @classmethod
    def of(cls, data: Frame | Rows | Mapping[str, Any]) -> Table:
        """Raises UnsendableError."""
        if is_frame(data):
            return cls(_rows_of_frame(data), data)
        if isinstance(data, Mapping):
            return cls(list(json_rows([data])))
        if isinstance(data, str | bytes) or not isinstance(data, Sequence):
            raise UnsendableError(f"{type(data).__name__}: give a DataFrame, a list of dicts, or one dict")
        return cls(list(json_rows(data)))

    def body(self) -> bytes:
        """A JSON array of the rows."""
        return b"[" + b",".join(self.rows) + b"]"

    def json_lines(self) -> bytes:
        return b"".join(row + b"\n" for row in self.rows)

    def answered(self, predictions: Predictions) -> Predictions | Frame:
        """Predictions for a caller who handed over a frame as a frame with its index, for any other as they are."""
        return predictions if self.frame is None else _frame(predictions, self.frame.index)


def is_frame(data: object) -> TypeGuard[Frame]:
    """True for a pandas DataFrame or a class made from it, without importing pandas."""
    return any(
        kind.__name__ == "DataFrame" and kind.__module__.partition(".")[0] == "pandas" for kind in type(data).__mro__
    )


def _rows_of_frame(frame: Any) -> list[bytes]:
    names = [text_of(name) for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnsendableError(f"the frame has columns of the same name: {', '.join(twice)}")
    # tolist makes Python's own numbers of numpy's, a whole column at once
    columns = [_column(frame.iloc[:, place], name) for place, name in enumerate(names)]
    if not columns:
        return [b"{}"] * len(frame)
    return [json_bytes(dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)]


def _column(series: Any, name: str) -> list[Any]:
    values = series.tolist()
    try:
        return [json_value(value) for value in values]
    except UnsendableError:
        for label, value in zip(series.index, values, strict=True):
            _require(value, label, name)
        raise


def _require(value: Any, label: object, column: str) -> None:
    try:
        json_value(value)
    except UnsendableError as error:
        raise UnsendableError(f"row {label}, column {column!r}: {error}") from None


def _frame(predictions: Predictions, index: Any) -> Frame:
    """The columns of a batch's CSV output: `prediction`, a column for each further number, and `warnings`."""
    import pandas as pd

    # a refused row has no columns of its own
    flat = [{} if one is None else flat_prediction(one) for one in predictions]
    names = list(dict.fromkeys(name for row in flat for name in row)) or [PREDICTION]
    columns: dict[str, list[Any]] = {name: [row.get(name) for row in flat] for name in names}
    columns[WARNINGS] = ["; ".join(map(str, found)) for found in predictions.warnings]
    frame = pd.DataFrame(columns, index=index)
    frame.attrs["versions"] = predictions.versions
    return frame


def flat_prediction(prediction: Any) -> Record:
    """A prediction as columns: its label, answer or number under `prediction`, each score under `score_LABEL`."""
    if not isinstance(prediction, Mapping):
        return {PREDICTION: prediction}
    flat: Record = {}
    for name, value in prediction.items():
        if isinstance(value, Mapping):
            prefix = "score" if name == "scores" else name
            flat |= {f"{prefix}_{inner}": number for inner, number in flat_prediction(value).items()}
        else:
            flat[PREDICTION if name in ("label", "answer") else name] = value
    return flat
