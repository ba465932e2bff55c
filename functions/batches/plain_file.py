"""Plain files: CSV or JSON Lines that workers read as they are, from any row on.

A plain file is UTF-8, and its lines end in LF or CRLF. A plain CSV file has commas between its cells, and a header with
the columns of the model as `[files]` of model.toml spells them. Every other file is converted while a
batch is planned, as rows of functions/core/converted_rows.py.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass

from functions.core.batch_record import PlainForm
from functions.core.definition import FileSettings
from functions.core.errors import DespliegueError
from functions.core.long_cells import csv_reader
from functions.core.schema import Schema
from functions.core.spelling import model_column

BOM = b"\xef\xbb\xbf"
NUL = b"\0"
OTHER_SEPARATORS = ";\t|"


class NotPlainError(DespliegueError):
    """A file that only the reader of training files can read; the text is the reason."""


@dataclass(frozen=True, slots=True)
class PlainFile:
    """The form of a plain file: the columns of its header (none for JSON Lines), and where its first row begins.

    `line` is the line of the first row, as spreadsheets count: 2 after a header.
    """

    form: PlainForm
    header: tuple[str, ...]
    start: int
    line: int


def plain_file(head: bytes, file_name: str, schema: Schema, files: FileSettings) -> PlainFile:
    """The form of a file that begins with `head`. Raises NotPlainError where the beginning shows that it is none."""
    if files.date_order or files.join:
        raise NotPlainError("[files] of model.toml has date_order or join")
    start = len(BOM) if head.startswith(BOM) else 0
    name = file_name.lower()
    if name.endswith(".jsonl"):
        _require_objects(head[start:], files)
        return PlainFile("jsonl", (), start, 1)
    if name.endswith(".csv"):
        return _plain_csv(head, start, schema, files)
    raise NotPlainError("its name ends neither in .csv nor in .jsonl")


def plain_text(body: bytes) -> str:
    """The text of a part of a plain file. Raises NotPlainError."""
    if NUL in body:
        raise NotPlainError("it has a NUL byte")
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise NotPlainError(f"it is not UTF-8: {error}") from None


def _require_objects(head: bytes, files: FileSettings) -> None:
    if files.rename_values:
        raise NotPlainError("[files] of model.toml has rename_values, which apply to numbers of JSON too")
    if head.lstrip()[:1] != b"{":
        raise NotPlainError("it does not begin with an object of JSON")


def _plain_csv(head: bytes, start: int, schema: Schema, files: FileSettings) -> PlainFile:
    if files.decimal == ",":
        raise NotPlainError("[files] of model.toml has decimal = ',', by which 1.077 is 1077")
    end = head.find(b"\n", start) + 1 or len(head)
    header = _header(head[start:end])
    columns = set(schema.column_names)
    names = [model_column(name, files, columns) for name in header]
    repeated = [name for name in columns if names.count(name) > 1]
    if repeated:
        raise NotPlainError(f"it has the column {repeated[0]!r} more than once")
    lacking = [feature.name for feature in schema.features if not feature.nullable and feature.name not in names]
    if lacking or not columns.intersection(names):
        raise NotPlainError(f"its first line lacks columns of the model: {', '.join(lacking or schema.feature_names)}")
    return PlainFile("csv", header, end, 2)


def _header(line: bytes) -> tuple[str, ...]:
    """The names in the first line. Raises NotPlainError for a line that may go on, or have another separator."""
    if line.count(b'"') % 2 or b"\r" in line.rstrip(b"\r\n") or b"\0" in line:
        raise NotPlainError("its header has a line break or a NUL byte")
    try:
        text = line.decode().rstrip("\r\n")
        header = tuple(next(csv_reader([text], strict=True), ()))
    except (csv.Error, UnicodeDecodeError) as error:
        raise NotPlainError(f"its header is no CSV in UTF-8: {error}") from None
    if any(separator in text for separator in OTHER_SEPARATORS):
        raise NotPlainError("its header has a semicolon, a tab or a bar, which may separate its cells")
    return header
