"""Plain files: CSV or JSON Lines that workers read as they are, from any row on.

A plain file is UTF-8. Its lines end in LF or CRLF. A plain CSV file has commas between its cells, and a header with
the columns of the model as `[files]` of model.toml spells them. Every other file is brought to
this form while a batch is planned.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from functions.core.batches import PlainForm
from functions.core.definition import FileSettings
from functions.core.schema import Schema
from functions.core.spelling import column_name

BOM = b"\xef\xbb\xbf"
LONGEST_RECORD_BYTES = 16_000_000
"""The most bytes of one row. A quote that never closes makes the rest of a file one row."""
csv.field_size_limit(2**31 - 1)


@dataclass(frozen=True, slots=True)
class PlainFile:
    """The form of a plain file: the columns of its header (none for JSON Lines), and where its first row begins.

    `line` is the line of the first row, as spreadsheets count: 2 after a header.
    """

    form: PlainForm
    header: tuple[str, ...]
    start: int
    line: int


def plain_file(head: bytes, file_name: str, schema: Schema, files: FileSettings) -> PlainFile | None:
    """The form of a file that begins with `head`; None for one that is not plain, as far as its beginning tells."""
    start = len(BOM) if head.startswith(BOM) else 0
    name = file_name.lower()
    if name.endswith(".jsonl"):
        is_object = head[start:].lstrip()[:1] == b"{"
        return PlainFile("jsonl", (), start, 1) if is_object else None
    return _plain_csv(head, start, schema, files) if name.endswith(".csv") else None


def _plain_csv(head: bytes, start: int, schema: Schema, files: FileSettings) -> PlainFile | None:
    end = head.find(b"\n", start) + 1
    line = head[start:end]
    # a header with a line break in quotes is left to the other reader
    if not end or line.count(b'"') % 2 or b"\r" in line.rstrip(b"\r\n"):
        return None
    try:
        header = tuple(next(csv.reader(io.StringIO(line.decode()), strict=True), ()))
    except (csv.Error, UnicodeDecodeError):
        return None
    names = [column_name(name, files) for name in header]
    required = {feature.name for feature in schema.features if not feature.nullable}
    known = {*schema.feature_names, *schema.target_names, *([schema.id] if schema.id else [])}
    repeated = any(names.count(name) > 1 for name in known)
    return None if repeated or not required <= set(names) else PlainFile("csv", header, end, 2)
