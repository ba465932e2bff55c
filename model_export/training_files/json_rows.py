"""JSON and JSON Lines, with a row as an object."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from functions.core.errors import FILE, LINE, Fault, InvalidInputError, KeyPath
from functions.core.json_text import elements_beyond, number_hint
from model_export.training_files.faults import brief, file_fault, refuse_if_any
from model_export.training_files.row_lines import RowLines
from model_export.training_files.sheet import MOST_CELLS, MOST_ROWS, CheckHeader, Sheet, any_header

LINE_END = re.compile(r"\r\n?|\n")
KEY_ENDS = ('":', '" :')


class _Repeated(dict[str, Any]):
    """An object that has keys twice, with the last value of each."""

    keys_twice: tuple[str, ...] = ()


def read_json(text: str, check_header: CheckHeader = any_header) -> Sheet:
    """Read an array of objects, or {"instances": [...]}; raises InvalidInputError."""
    _refuse_more(elements_beyond(text.encode(errors="surrogatepass"), MOST_ROWS, b"{["))
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidInputError([_syntax_fault(text, error, (FILE,), "not JSON")]) from None
    rows = document.get("instances") if isinstance(document, dict) else document
    if not isinstance(rows, list):
        raise file_fault('the file is neither an array of instances nor {"instances": [...]}', "instances_type")
    if _may_repeat(text, rows, others=len(document) if isinstance(document, dict) else 0):
        exact = _exact(text)
        refuse_if_any(_repeated_keys(exact["instances"] if isinstance(exact, dict) else exact))
    return _sheet(rows, check_header)


def read_json_lines(text: str, check_header: CheckHeader = any_header) -> Sheet:
    """Read one object a line; raises InvalidInputError with every line that is none."""
    _refuse_more(max(text.count("\n"), text.count("\r")))
    rows: list[Any] = []
    broken: list[Fault] = []
    lines = [(number, line) for number, line in enumerate(LINE_END.split(text), 1) if line.strip()]
    for number, line in lines:
        try:
            rows.append(orjson.loads(line))
        except orjson.JSONDecodeError as error:
            broken.append(_syntax_fault(line, error, (LINE, number), "not JSON"))
    refuse_if_any(broken)
    row_lines = RowLines()
    for row, (number, _) in enumerate(lines):
        row_lines.add(row, number)
    if _may_repeat(text, rows):
        refuse_if_any(_repeated_keys([_exact(line) for _, line in lines], row_lines))
    return _sheet(rows, check_header, row_lines)


def _refuse_more(rows: int) -> None:
    if rows > MOST_ROWS:
        raise file_fault(f"the file has more than {MOST_ROWS} rows: train on fewer", "too_many_rows")


def _syntax_fault(text: str, error: orjson.JSONDecodeError, loc: tuple[str | int, ...], what: str) -> Fault:
    hint = number_hint(text[error.pos :])
    return Fault(loc, f"{what}: {error.msg} at character {error.pos}{hint}", "json_invalid")


def _may_repeat(text: str, rows: Sequence[Any], others: int = 0) -> bool:
    """Return True if the text may have more keys than were read: orjson keeps the last value of a repeated key.

    This is a quick count, so that few files are read twice; a value that contains such marks leads to the exact look.
    """
    return sum(map(text.count, KEY_ENDS)) > others + sum(len(row) for row in rows if isinstance(row, dict))


def _exact(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_with_repeated)
    except RecursionError:  # orjson, which read the text before, nests deeper than json
        raise file_fault("not JSON of instances: it is nested too deeply", "json_invalid") from None


def _with_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    instance = dict(pairs)
    if len(instance) == len(pairs):
        return instance
    repeated = _Repeated(instance)
    repeated.keys_twice = tuple(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
    return repeated


def _repeated_keys(rows: Sequence[Any], lines: RowLines | None = None) -> Iterator[Fault]:
    for row, instance in enumerate(rows):
        if isinstance(instance, _Repeated):
            for key in instance.keys_twice:
                yield Fault((*_place(row, lines), key[:60]), "the instance has this key more than once", "repeated_key")


def _place(row: int, lines: RowLines | None) -> KeyPath:
    return (row,) if lines is None else (LINE, lines.line_of(row))


def _sheet(rows: Sequence[Any], check_header: CheckHeader, lines: RowLines | None = None) -> Sheet:
    refuse_if_any(
        Fault(_place(row, lines), "an instance is an object of feature names and values", "dict_type")
        for row, instance in enumerate(rows)
        if not isinstance(instance, dict)
    )
    names = tuple(dict.fromkeys(name for instance in rows for name in instance))
    if len(names) * len(rows) > MOST_CELLS:
        raise file_fault(
            f"{len(rows)} instances have {len(names)} different keys, such as {brief(names[-1])}: too many columns",
            "too_many_columns",
        )
    check_header(Sheet(names, tuple([] for _ in names), is_text=False))
    columns = tuple([instance.get(name) for instance in rows] for name in names)
    return Sheet(names, columns, is_text=False, lines=lines)
