"""Training files: CSV, JSON and JSON Lines brought to a table of the model's schema."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson

from functions.core.definition import Definition, Files
from functions.core.errors import Fault, InvalidInputError
from functions.core.schema import Feature, Schema, Table
from functions.core.validation import MAX_FAULTS, Validator, normal

FILE = "file"
TRUTH = {"false": 0, "true": 1}
Cells = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class ReadRows:
    """A checked table with the features and the target, and what was done to the file to get it."""

    table: Table
    notes: tuple[str, ...] = ()


def read_rows(body: bytes, file_name: str, definition: Definition) -> ReadRows:
    """The labelled rows in a .csv, .json (array or {"instances": [...]}) or .jsonl file.

    Brought to the schema as `[files]` of model.toml says. Raises InvalidInputError with every fault
    of the first kind found (the file, its columns, its cells, its values), up to 1000 of them, each under
    (row, column), rows counted from 0.
    """
    cells, is_text = read_cells(body, file_name)
    columns, notes = _match_columns(cells, definition, is_text=is_text)
    table = {
        feature.name: _values(feature, columns[feature.name], definition.files, is_text=is_text)
        for feature in _features(definition.schema)
    }
    _refuse(_faults(table))
    Validator(definition.schema, labelled=True).check(table)
    _refuse_near_levels(table, definition.schema)
    return ReadRows(table, notes)


def read_cells(body: bytes, file_name: str) -> tuple[Cells, bool]:
    """The columns of a file as they stand in it, and whether all cells are text, as in a CSV.

    Raises InvalidInputError.
    """
    suffix = file_name.rpartition(".")[2].lower()
    if suffix not in READERS:
        raise _file_fault(f"{file_name!r}: a training file ends in .csv, .json or .jsonl", "file_type")
    if not body.strip():
        raise _file_fault("the file is empty", "too_short")
    return READERS[suffix](body), suffix == "csv"


@dataclass(frozen=True, slots=True)
class _Unreadable:
    """Stands in a column for a cell that is not of the column's type."""

    fault: tuple[str, str]


def _csv(body: bytes) -> Cells:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _file_fault(
            f"the file is not UTF-8: byte {error.start} cannot be read; save it as UTF-8", "encoding"
        ) from None
    try:
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), strict=True) if line]
    except csv.Error as error:
        raise _file_fault(f"the file is not CSV: {error}", "csv_invalid") from None
    header, rows = (lines[0], lines[1:]) if lines else ([], [])
    ragged = [
        Fault((row,), f"{len(line)} cells where the header has {len(header)}", "csv_row_length")
        for row, line in enumerate(rows)
        if len(line) != len(header)
    ]
    _refuse(iter(ragged))
    _refuse_repeated(header)
    columns = zip(*rows, strict=True) if rows else ([] for _ in header)
    return {name: list(column) for name, column in zip(header, columns, strict=True)}


def _json(body: bytes) -> Cells:
    document = _load(body)
    if isinstance(document, dict):
        document = document.get("instances")
    if not isinstance(document, list):
        raise _file_fault('the file is neither an array of instances nor {"instances": [...]}', "instances_type")
    return _columns(document)


def _json_lines(body: bytes) -> Cells:
    lines = [line for line in body.splitlines() if line.strip()]
    return _columns([_load(line, (row,)) for row, line in enumerate(lines)])


READERS: dict[str, Callable[[bytes], Cells]] = {"csv": _csv, "json": _json, "jsonl": _json_lines}


def _load(body: bytes, loc: tuple[str | int, ...] = (FILE,)) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        fault = Fault(loc, f"not JSON: {error.msg} at character {error.pos}", "json_invalid")
        raise InvalidInputError([fault]) from None


def _columns(rows: Sequence[Any]) -> Cells:
    _refuse(
        Fault((row,), "an instance is an object of feature names and values", "dict_type")
        for row, instance in enumerate(rows)
        if not isinstance(instance, dict)
    )
    names = dict.fromkeys(name for instance in rows for name in instance)
    return {name: [instance.get(name) for instance in rows] for name in names}


def _match_columns(cells: Cells, definition: Definition, *, is_text: bool) -> tuple[Cells, tuple[str, ...]]:
    files, schema = definition.files, definition.schema
    spelled = [_column_name(name, files) for name in cells]
    _refuse_repeated(spelled)
    found = dict(zip(spelled, cells.values(), strict=True))
    rows = len(next(iter(found.values()), []))
    joined = _joined(found, files, is_text=is_text)
    found |= joined
    for feature in _features(schema):
        if feature.nullable and feature.name not in found:
            found[feature.name] = [None] * rows
    missing = [feature.name for feature in _features(schema) if feature.name not in found]
    if missing:
        seen = ", ".join(spelled) or "none"
        raise InvalidInputError(
            [Fault((FILE, name), f"the file has no such column; it has {seen}", "missing") for name in missing]
        )
    used = [part for name in joined for part in files.join[name]]
    known = {*schema.feature_names, schema.target.name, schema.id, *used}
    ignored = [name for name in spelled if name not in known]
    return found, (f"columns not used: {', '.join(map(repr, ignored))}",) if ignored else ()


def _joined(found: Cells, files: Files, *, is_text: bool) -> Cells:
    """The columns that the file has only in parts, of which some may be lacking."""
    made: Cells = {}
    for name, names in files.join.items():
        parts = [found[part] for part in names if part in found]
        if name not in found and parts:
            made[name] = [_join(cells, files, is_text=is_text) for cells in zip(*parts, strict=True)]
    return made


def _join(cells: Sequence[Any], files: Files, *, is_text: bool) -> Any:
    """The texts in the cells with a space between them; a cell that is neither text nor missing is left to be told."""
    texts = []
    for cell in cells:
        value = cell.strip() if isinstance(cell, str) else cell
        if value is None or (is_text and value in files.missing):
            continue
        if not isinstance(value, str):
            return value
        texts.append(value)
    return " ".join(texts) if texts else None


def _column_name(name: str, files: Files) -> str:
    spelled = name.strip()
    if files.snake_case_columns:
        spelled = _snake_case(spelled)
    return files.rename.get(spelled, spelled)


def _snake_case(text: str) -> str:
    return text.strip().lower().replace(" ", "_")


def _features(schema: Schema) -> tuple[Feature, ...]:
    return (*schema.features, schema.target)


def _values(feature: Feature, column: Sequence[Any], files: Files, *, is_text: bool) -> list[Any]:
    parse = _parser(feature, files, is_text=is_text)
    parsed: dict[tuple[type, Any], Any] = {}
    values = []
    for cell in column:
        key = (type(cell), cell) if not isinstance(cell, list | dict) else (type(cell), id(cell))
        if key not in parsed:
            parsed[key] = parse(cell)
        values.append(parsed[key])
    return values


def _parser(feature: Feature, files: Files, *, is_text: bool) -> Callable[[Any], Any]:
    fill = files.fill.get(feature.name)

    def parse(cell: Any) -> Any:
        value = cell.strip() if isinstance(cell, str) else cell
        if value is None or (is_text and value in files.missing):
            return fill
        if feature.allowed == (0, 1) and str(value).lower() in TRUTH:  # how Python and R write 0 and 1
            return TRUTH[str(value).lower()]
        if isinstance(value, str) and files.snake_case_values and feature.is_string and feature.categorical:
            value = _snake_case(value)
        if is_text and not feature.is_string:
            return _number(value, feature)
        return value

    return parse


def _number(text: str, feature: Feature) -> int | float | _Unreadable:
    is_whole = feature.type == "integer" and text.lstrip("+-").isdecimal()
    try:
        if "_" in text:  # Python alone reads 1_000
            raise ValueError(text)
        return int(text) if is_whole else float(text)
    except ValueError:
        return _Unreadable((f"{text[:60]!r} is not a number", f"{feature.type}_parsing"))


def _faults(table: Table) -> Iterator[Fault]:
    for name, column in table.items():
        for row, value in enumerate(column):
            if isinstance(value, _Unreadable):
                yield Fault((row, name), *value.fault)


def _refuse_near_levels(table: Table, schema: Schema) -> None:
    """Two spellings of one level would quietly become two levels."""
    for feature in _features(schema):
        if feature.learns_levels:
            levels = sorted({str(value) for value in table[feature.name] if value is not None})
            first: dict[str, str] = {}
            _refuse(
                Fault(
                    (FILE, feature.name),
                    f"{one!r} and {first[normal(one)]!r} differ only in case or spaces",
                    "near_level",
                )
                for one in levels
                if first.setdefault(normal(one), one) != one
            )


def _refuse_repeated(names: Sequence[str]) -> None:
    repeated = [name for name, count in Counter(names).items() if count > 1 and name]
    _refuse(Fault((FILE, name), "the column stands more than once in the file", "repeated_column") for name in repeated)


def _refuse(faults: Iterator[Fault]) -> None:
    found = list(islice(faults, MAX_FAULTS))
    if found:
        raise InvalidInputError(found)


def _file_fault(msg: str, kind: str) -> InvalidInputError:
    return InvalidInputError([Fault((FILE,), msg, kind)])
