"""CSV and similar files: cells separated by commas, semicolons, tabs or bars."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice

from functions.core.errors import Fault, InvalidInputError
from model_export.training_files.faults import file_fault
from model_export.training_files.sheet import Sheet

SEPARATORS = (",", ";", "\t", "|")
NAMES = {";": "semicolons", "\t": "tabs", "|": "bars"}
DECLARED = re.compile(r"sep=([,;\t|])\r?(?:\n|$)", re.IGNORECASE)
# The first two rows decide on the separator, so the whole file need not be read once for each separator.
FIRST_CHARACTERS = 1_000_000
LONGEST_FIELD = 2**31 - 1

# A text may be longer than the 131,072 characters that csv allows by itself; the file is limited as a whole.
csv.field_size_limit(LONGEST_FIELD)


def read_delimited(text: str) -> Sheet:
    """Read the cells as texts; raises InvalidInputError for a file without a header or with an open quote."""
    declared = DECLARED.match(text)  # Excel's own first line
    separator = declared.group(1) if declared else separator_of(text)
    lines = _lines(text[declared.end() :] if declared else text, separator)
    if not lines:
        raise file_fault("the file is empty", "too_short")
    header, rows = lines[0], lines[1:]
    notes = [f"cells are separated by {NAMES[separator]}"] if separator in NAMES else []
    full = [row for row in rows if any(row)]
    if len(full) < len(rows):
        notes.append(f"{len(rows) - len(full)} rows without any value were left out")
    fitting, faults, numbers = _fitted(full, len(header), notes)
    columns = zip(*fitting, strict=True) if fitting else ([] for _ in header)
    return Sheet(
        header=tuple(header),
        columns=tuple(map(list, columns)),
        is_text=True,
        separator=separator,
        notes=tuple(notes),
        faults=faults,
        row_numbers=numbers,
    )


def separator_of(text: str) -> str:
    """The separator that gives the most names in the header and as many cells in the first row; else a comma."""
    head = text[:FIRST_CHARACTERS]
    first_two = {separator: _first_two(head, separator) for separator in SEPARATORS}
    alike = [separator for separator, (names, cells) in first_two.items() if names == cells > 1]
    return max(alike or SEPARATORS, key=lambda separator: first_two[separator][0])


def _first_two(head: str, separator: str) -> tuple[int, int]:
    """The numbers of cells in the first two lines, 0 for an absent one."""
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=separator)
    lengths = [len(line) for line in islice((line for line in reader if line), 2)]
    return (*lengths, 0, 0)[:2]  # type: ignore[return-value]


def _lines(text: str, separator: str) -> list[list[str]]:
    try:
        return [line for line in _reader(text, separator) if line]
    except csv.Error as error:
        raise _quote_fault(text, separator, str(error)) from None


def _reader(text: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)


def _quote_fault(text: str, separator: str, reason: str) -> InvalidInputError:
    """A fault with the line where the unreadable row begins: csv notices an open quote only at the end of the file."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for _ in reader:
            line = reader.line_num + 1
    except csv.Error:
        pass
    if "unexpected end of data" in reason:
        reason = 'a quote (") opens there and never closes; within a text in quotes, write a quote twice ("")'
    return file_fault(f"the file is not CSV from line {line} on: {reason}", "csv_invalid")


def _fitted(
    rows: list[list[str]], width: int, notes: list[str]
) -> tuple[Sequence[list[str]], tuple[Fault, ...], Sequence[int] | None]:
    """The rows as long as the header, a fault for each other row, and the numbers of the former if there are faults.

    Empty cells beyond the header are dropped: a separator at the end of each row leaves them.
    """
    if set(map(len, rows)) <= {width}:
        return rows, (), None
    trimmed = [row[:width] if len(row) > width and not any(row[width:]) else row for row in rows]
    cut = sum(len(after) < len(before) for before, after in zip(rows, trimmed, strict=True))
    if cut:
        notes.append(f"{cut} rows end in empty cells beyond the header, which were dropped")
    numbers = [number for number, row in enumerate(trimmed) if len(row) == width]
    if len(numbers) == len(trimmed):
        return trimmed, (), None
    faults = tuple(
        Fault((number,), f"{len(row)} cells where the header has {width}", "csv_row_length")
        for number, row in enumerate(trimmed)
        if len(row) != width
    )
    return [trimmed[number] for number in numbers], faults, numbers
