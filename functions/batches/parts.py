"""The files of a shard: its predictions as JSON Lines or CSV, and its refused rows as JSON Lines, all in gzip.

The bytes follow from the rows and the version alone, so a shard that runs twice writes the same. Files of several
shards may be joined: gzip files are, and only the first CSV part has a header.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from functions.batches.rows import Rows
from functions.core.batch_record import Plan
from functions.core.errors import Fault
from functions.predictors.predictions import LabelledRows, Prediction

FASTEST = 1
"""The fastest level of gzip: others take longer than the predictions."""
PREDICTION = "prediction"
LINE = "line"
WARNINGS = "warnings"
COLUMNS = "columns"
SPECIAL = re.compile(r'[",\r\n]')


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
    """A JSON line for each row: its line, its id, the columns that are kept, the prediction, and its warnings.

    The parts of the lines are written column by column, and put between each other: a dict for each row would take
    longer than its prediction.
    """
    columns: list[tuple[bytes, Sequence[bytes]]] = [(b'{"line":', _json_texts(rows.lines))]
    if rows.ids is not None:
        columns.append((b',"id":', _json_texts([one or None for one in rows.ids])))
    if rows.kept:
        columns.append((b',"columns":', list(map(orjson.dumps, _kept_objects(plan, rows)))))
    columns.append((b',"prediction":', _prediction_texts(predictions)))
    parts = [part for name, _ in columns for part in (name, b"")] + [b"}\n"]
    lines = parts * len(rows.lines)
    for place, (_, texts) in enumerate(columns):
        lines[2 * place + 1 :: len(parts)] = texts
    for row, found in enumerate(warnings):
        if found:
            text = orjson.dumps([warning.to_dict() for warning in found])
            lines[(row + 1) * len(parts) - 1] = b',"warnings":' + text + b"}\n"
    return b"".join(lines)


def truth_lines(predictions: Iterable[Prediction], truths: Iterable[Mapping[str, Any]]) -> bytes:
    """A JSON line for each row: its prediction, and its true values by target."""
    pairs = zip(predictions, truths, strict=True)
    return b"".join(orjson.dumps(pair, option=orjson.OPT_APPEND_NEWLINE) for pair in pairs)


def _json_texts(values: Sequence[Any]) -> list[bytes]:
    """The JSON of each value."""
    whole = orjson.dumps(list(values))
    # where no character is escaped, a comma between quotes or numbers divides two values
    is_divisible = b"\\" not in whole and not (whole.count(b",") + 1 - len(values))
    return whole[1:-1].split(b",") if is_divisible else list(map(orjson.dumps, values))


def _prediction_texts(predictions: Sequence[Prediction]) -> list[bytes]:
    if isinstance(predictions, LabelledRows):
        return predictions.json_texts()
    return _json_texts(predictions) if isinstance(predictions[0], float) else list(map(orjson.dumps, predictions))


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
    columns = [*before, *_columns(predictions), [_in_words(found) if found else "" for found in warnings]]
    return ("\n".join(map(",".join, zip(*map(_as_cells, columns), strict=True))) + "\n").encode()


def _columns(predictions: Sequence[Prediction]) -> Iterable[Sequence[Any]]:
    if isinstance(predictions, LabelledRows):
        return predictions.columns()
    return zip(*(_flat(prediction).values() for prediction in predictions), strict=True)


def flat_row(document: Mapping[str, Any], plan: Plan, *, has_id: bool) -> list[Any]:
    """The values of one JSON line of an output, in the order of the columns of `flat_header`."""
    kept = document.get(COLUMNS, {})
    before = [kept.get(name) for name in plan.kept] or [document[LINE], *([document["id"]] if has_id else [])]
    found = [Fault(tuple(one["loc"]), one["msg"], one["type"]) for one in document.get(WARNINGS, ())]
    return [*before, *_flat(document[PREDICTION]).values(), _in_words(found)]


def header_line(header: Sequence[str]) -> bytes:
    return ",".join(_as_cells(header)).encode() + b"\n"


def _as_cells(values: Sequence[Any]) -> Sequence[str]:
    """The values as cells of CSV, in quotes where they need them."""
    kinds = set(map(type, values))
    if kinds <= {int, float}:
        return orjson.dumps(list(values)).decode()[1:-1].split(",")
    texts = values if kinds == {str} else [one if isinstance(one, str) else _as_cell(one) for one in values]
    if not SPECIAL.search("".join(texts)):
        return texts
    quoted = {text: '"' + text.replace('"', '""') + '"' for text in set(texts) if SPECIAL.search(text)}
    return [quoted.get(text, text) for text in texts]


def _as_cell(value: Any) -> str:
    return "" if value is None else orjson.dumps(value).decode()


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
