"""The rows of a part of a plain CSV file, in chunks, as columns of cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, repeat

from functions.core.errors import Fault

SEPARATOR, LINE_BREAK, QUOTE = ",", "\n", '"'

# a cell may be longer than the 131,072 characters that csv allows by itself, in every process that reads rows
csv.field_size_limit(2**31 - 1)


@dataclass(frozen=True, slots=True)
class CellRows:
    """The cells of rows that are as long as the header, by column, with the lines of the rows; faults of the others."""

    lines: Sequence[int]
    columns: Sequence[Sequence[str]]
    faults: list[Fault]


def cell_rows(text: str, line: int, width: int, chunk_rows: int) -> Iterator[CellRows]:
    """The rows of a text whose first row is in `line`, `chunk_rows` at a time, for a header of `width` cells.

    Empty cells beyond the header are dropped. Rows without any value are counted as lines and left out.
    """
    text = text.replace("\r\n", LINE_BREAK) if QUOTE not in text else text
    if QUOTE in text or "\r" in text:
        # neither this nor split divides at the other line breaks of Unicode
        records = _records(io.StringIO(text, newline=LINE_BREAK))
        while chunk := list(islice(records, chunk_rows)):
            yield _fitting(chunk, line, width)
            line += len(chunk)
        return
    texts = text.split(LINE_BREAK)
    for start in range(0, len(texts) - (not texts[-1]), chunk_rows):
        part = texts[start : start + chunk_rows]
        yield _divided(part, line + start, width) or _fitting(list(_records(part)), line + start, width)


def _divided(texts: Sequence[str], line: int, width: int) -> CellRows | None:
    """The cells of lines without quotes; None if one of them has another number of cells, or no value at all.

    One text is split for all of them: a list for each row would take three times as long.
    """
    has_all_cells = set(map(str.count, texts, repeat(SEPARATOR))) == {width - 1}
    if not has_all_cells or SEPARATOR * (width - 1) in texts:
        return None
    cells = SEPARATOR.join(texts).split(SEPARATOR)
    return CellRows(range(line, line + len(texts)), [cells[place::width] for place in range(width)], [])


def _records(lines: io.StringIO | Sequence[str]) -> Iterator[list[str] | csv.Error]:
    """The cells of each row, or the reason why it is no CSV."""
    reader = csv.reader(lines, strict=True)
    while True:
        try:
            yield from reader
        except csv.Error as error:
            yield error
        else:
            return


def _fitting(chunk: Sequence[list[str] | csv.Error], line: int, width: int) -> CellRows:
    lines, records, faults = [], [], []
    for number, record in enumerate(chunk, line):
        if isinstance(record, csv.Error):
            faults.append(Fault((number,), f"the row is not CSV: {record}", "csv_invalid"))
        elif len(record) >= width and not any(record[width:]):
            if any(record):
                lines.append(number)
                records.append(record[:width] if len(record) > width else record)
        elif any(record):
            faults.append(Fault((number,), f"{len(record)} cells where the header has {width}", "csv_row_length"))
    return CellRows(lines, list(zip(*records, strict=True)) or [()] * width, faults)
