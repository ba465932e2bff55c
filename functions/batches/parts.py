"""The files of a shard: its predictions as JSON Lines or CSV, and its refused rows as JSON Lines, all in gzip.

The bytes follow from the rows and the version alone, so a shard that runs twice writes the same. Files of several
shards may be joined: gzip files are, and only the first CSV part has a header.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import orjson

from functions.batches.rows import Rows
from functions.core.batches import Plan
from functions.core.errors import Fault
from functions.predictors.predictions import Prediction

FASTEST = 1
"""The fastest level of gzip: others take longer than the predictions."""
PREDICTION = "prediction"
LINE = "line"
WARNINGS = "warnings"
COLUMNS = "columns"


def compressed(body: bytes, level: int = FASTEST) -> bytes:
    # without a time, which would make two equal parts differ
    return gzip.compress(body, level, mtime=0)


def error_lines(faults: Iterable[Fault]) -> bytes:
    """A JSON line for each fault: its line and column in the file, the reason, and its kind."""
    return b"".join(orjson.dumps(_error(fault), option=orjson.OPT_APPEND_NEWLINE) for fault in faults)


def _error(fault: Fault) -> dict[str, object]:
    line, *column = fault.loc
    return {LINE: line, "column": column[0] if column else None, "msg": fault.msg, "type": fault.type}


def kept_names(header: Sequence[str]) -> tuple[str, ...]:
    """The names of the columns that were sent, each once: spreadsheets leave columns without a name."""
    names: list[str] = []
    for place, name in enumerate(header, 1):
        names.append(_free(name.strip() or f"column_{place}", names))
    return tuple(names)


def json_lines(plan: Plan, rows: Rows, predictions: Sequence[Prediction], warnings: Sequence[Sequence[Fault]]) -> bytes:
    """A JSON line for each row: its line, its id, the columns that are kept, the prediction, and its warnings."""
    return b"".join(
        orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in _documents(plan, rows, predictions, warnings)
    )


def truth_lines(predictions: Iterable[Prediction], truths: Iterable[Mapping[str, Any]]) -> bytes:
    """A JSON line for each row: its prediction, and its true values by target."""
    pairs = zip(predictions, truths, strict=True)
    return b"".join(orjson.dumps(pair, option=orjson.OPT_APPEND_NEWLINE) for pair in pairs)


def _documents(
    plan: Plan, rows: Rows, predictions: Sequence[Prediction], warnings: Sequence[Sequence[Fault]]
) -> Iterator[dict[str, object]]:
    kept = list(_kept_objects(plan, rows)) if rows.kept else None
    for row, (line, prediction, found) in enumerate(zip(rows.lines, predictions, warnings, strict=True)):
        document: dict[str, object] = {LINE: line}
        if rows.ids is not None:
            document["id"] = rows.ids[row] or None
        if kept is not None:
            document[COLUMNS] = kept[row]
        document[PREDICTION] = prediction
        if found:
            document[WARNINGS] = [warning.to_dict() for warning in found]
        yield document


def _kept_objects(plan: Plan, rows: Rows) -> Iterable[Mapping[str, Any]]:
    if plan.form != "csv":
        return rows.kept[0]
    return (dict(zip(plan.kept, cells, strict=True)) for cells in zip(*rows.kept, strict=True))


def flat_header(kept: Sequence[str], id_name: str | None, prediction: Prediction) -> tuple[str, ...]:
    """The columns of a CSV or Parquet output, for predictions like this one.

    Without columns that are kept, line and id come first.
    """
    header = list(kept) or [LINE, *([_free(id_name, [LINE])] if id_name is not None else [])]
    for name in (*_flat(prediction), WARNINGS):
        header.append(_free(name, header))
    return tuple(header)


def csv_lines(rows: Rows, predictions: Sequence[Prediction], warnings: Sequence[Sequence[Fault]]) -> bytes:
    """A CSV row for each row, without the header."""
    before: list[Sequence[Any]] = list(rows.kept) or [rows.lines, *([rows.ids] if rows.ids is not None else [])]
    flat = zip(*(_flat(prediction).values() for prediction in predictions), strict=True)
    columns = [*before, *flat, [_in_words(found) if found else "" for found in warnings]]
    return _written_rows(list(zip(*columns, strict=True)))


def flat_row(document: Mapping[str, Any], plan: Plan, *, has_id: bool) -> list[Any]:
    """The values of one JSON line of an output, in the order of the columns of `flat_header`."""
    kept = document.get(COLUMNS, {})
    before = [kept.get(name) for name in plan.kept] or [document[LINE], *([document["id"]] if has_id else [])]
    found = [Fault(tuple(one["loc"]), one["msg"], one["type"]) for one in document.get(WARNINGS, ())]
    return [*before, *_flat(document[PREDICTION]).values(), _in_words(found)]


def header_line(header: Sequence[str]) -> bytes:
    return _written_rows([header])


def _written_rows(rows: Sequence[Sequence[Any]]) -> bytes:
    text = _as_csv(rows, csv.QUOTE_MINIMAL)
    # which has quotes for a line feed only
    return (_as_csv(rows, csv.QUOTE_ALL) if "\r" in text else text).encode()


def _as_csv(rows: Sequence[Sequence[Any]], quoting: Literal[0, 1]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", quoting=quoting).writerows(rows)
    return text.getvalue()


def _flat(prediction: Prediction | Mapping[str, Any]) -> Mapping[str, object]:
    """A prediction as columns: `prediction`, and a column for each further number."""
    if not isinstance(prediction, Mapping):
        return {PREDICTION: prediction}
    flat: dict[str, object] = {}
    for name, value in prediction.items():
        own = PREDICTION if name in ("label", "answer") else name
        if isinstance(value, Mapping):
            prefix = "score" if name == "scores" else name
            flat |= {f"{prefix}_{inner}": number for inner, number in _flat(value).items()}
        else:
            flat[own] = value
    return flat


def _free(name: str, taken: Iterable[str]) -> str:
    """A name that no column has."""
    return name if name not in taken else _free(f"{name}_", taken)


def _in_words(warnings: Sequence[Fault]) -> str:
    return "; ".join(f"{'.'.join(map(str, one.loc))}: {one.msg}" for one in warnings)
