"""CSV and similar files: cells separated by commas, semicolons, tabs or bars.

The csv module divides a million rows of 21 cells in 1.9 s of CPU time, as long as pandas' reader takes, and it has one
rule for quotes and ragged rows; so there is no second reader for large files.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from functions.core.errors import MAX_FAULTS, Fault, InvalidInputError
from functions.core.long_cells import csv_reader
from functions.core.machine_memory import trainer_memory_bytes
from functions.core.repeated_faults import summed_up
from functions.core.training_memory import most_training_cells
from model_export.training_files.faults import file_fault
from model_export.training_files.row_lines import RowLines
from model_export.training_files.sheet import CheckHeader, Sheet, any_header

SEPARATORS = (",", ";", "\t", "|")
NAMES = {";": "semicolons", "\t": "tabs", "|": "bars"}
DECLARED = re.compile(r"sep=([,;\t|])(?:\r\n|\r|\n|$)", re.IGNORECASE)
# The first two rows decide on the separator, so the whole file need not be read once for each separator.
LINE = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n)|[^\r\n]++")
LINE_END = re.compile(r"\r\n|\r|\n")
FIRST_CHARACTERS = 1_000_000
# Fewer than the 700 objects after which Python looks for garbage, which would walk over all columns read so far again
# and again; and the cells of a batch are still in the processor's cache when the columns take them.
BATCH_ROWS = 500
BATCHES_BETWEEN_LOOKS = 20
MOST_SHARED = 50_000
"""The most distinct cells of a column that are looked for among those before; beyond it cells seldom repeat."""


def read_delimited(text: str, check_header: CheckHeader = any_header) -> Sheet:
    """Read the cells as texts.

    Raises InvalidInputError for a file without a header, with an open quote, or of very many cells.
    """
    declared = DECLARED.match(text)  # Excel's own first line
    separator = declared.group(1) if declared else separator_of(text)
    batches = _batches(text, declared.end() if declared else 0, separator)
    header = tuple(next(batches).rows[0])
    if not header:
        raise file_fault("the file is empty", "too_short")
    check_header(Sheet(header, tuple([] for _ in header), is_text=True, separator=separator))
    rows = _Rows([_Column() for _ in header], len(header), most_training_cells(trainer_memory_bytes()))
    for number, batch in enumerate(batches):
        if number % BATCHES_BETWEEN_LOOKS == 0 and len(rows.faults) >= MAX_FAULTS:
            break
        rows.add(batch)
    notes = [f"cells are separated by {NAMES[separator]}"] if separator in NAMES else []
    return Sheet(
        header=header,
        columns=tuple(column.cells for column in rows.columns),
        is_text=True,
        separator=separator,
        notes=(*notes, *rows.notes()),
        faults=tuple(summed_up(partial(iter, rows.faults), rows.total)),
        row_numbers=rows.numbers(),
        lines=rows.lines,
    )


@dataclass(frozen=True, slots=True)
class _Batch:
    """Successive rows, in which an empty line is an empty row; the first is row `first_line` of a spreadsheet."""

    rows: list[list[str]]
    first_line: int


@dataclass(slots=True)
class _Column:
    """The cells of a column, in which equal cells are one text: a cell takes 8 bytes then, not 60."""

    cells: list[str] = field(default_factory=list)
    shared: dict[str, str] | None = field(default_factory=dict)

    def extend(self, cells: Sequence[str]) -> None:
        if self.shared is None:
            self.cells.extend(cells)
            return
        self.cells.extend(map(self.shared.setdefault, cells, cells))
        if len(self.shared) > MOST_SHARED:
            self.shared = None


@dataclass(slots=True)
class _Rows:
    """The columns of the rows read so far, which take far less memory than the rows, and the faults of the others."""

    columns: list[_Column]
    cells: int
    most_cells: int
    total: int = 0
    empty: int = 0
    cut: int = 0
    faults: list[Fault] = field(default_factory=list)
    lines: RowLines = field(default_factory=RowLines)

    def add(self, read: _Batch) -> None:
        """Add rows. Those as long as the header go into the columns, and each other one makes a fault.

        Empty cells beyond the header are dropped: a separator at the end of each row leaves them.
        """
        batch = read.rows
        self.cells += sum(map(len, batch))
        if self.cells > self.most_cells:
            raise file_fault(
                f"the file has more than {self.most_cells} cells: train on fewer rows, or leave out columns",
                "too_many_cells",
            )
        full = batch if all(map(any, batch)) else [row for row in batch if any(row)]
        self.empty += sum(map(bool, batch)) - len(full)
        self._note_lines(read, is_regular=len(full) == len(batch))
        fitting = full if set(map(len, full)) <= {len(self.columns)} else self._fitting(full)
        self.total += len(full)
        if fitting:
            for column, cells in zip(self.columns, zip(*fitting, strict=True), strict=True):
                column.extend(cells)

    def _note_lines(self, batch: _Batch, *, is_regular: bool) -> None:
        """Note the lines of the rows that are not empty; the cells of a row show over how many lines it goes."""
        if is_regular:
            self.lines.add(self.total, batch.first_line)
            return
        number, line = self.total, batch.first_line
        for row in batch.rows:
            if any(row):
                self.lines.add(number, line)
                number += 1
            line += 1

    def _fitting(self, rows: list[list[str]]) -> list[list[str]]:
        width = len(self.columns)
        trimmed = [row[:width] if len(row) > width and not any(row[width:]) else row for row in rows]
        self.cut += sum(len(after) < len(before) for before, after in zip(rows, trimmed, strict=True))
        self.faults += (
            Fault((number,), f"{len(row)} cells where the header has {width}", "csv_row_length")
            for number, row in enumerate(trimmed, self.total)
            if len(row) != width
        )
        return [row for row in trimmed if len(row) == width]

    def notes(self) -> Iterator[str]:
        if self.empty:
            yield f"{self.empty} rows without any value were left out"
        if self.cut:
            yield f"{self.cut} rows end in empty cells beyond the header, which were dropped"

    def numbers(self) -> Sequence[int] | None:
        """The numbers of the rows in the columns, None if these are all rows."""
        if not self.faults:
            return None
        misfits = {fault.loc[0] for fault in self.faults}
        return [number for number in range(self.total) if number not in misfits]


def separator_of(text: str) -> str:
    """The separator that gives the most names in the header and as many cells in the first row; else a comma."""
    head = text[:FIRST_CHARACTERS]
    first_two = {separator: _first_two(head, separator) for separator in SEPARATORS}
    alike = [separator for separator, (names, cells) in first_two.items() if names == cells > 1]
    return max(alike or SEPARATORS, key=lambda separator: first_two[separator][0])


def _first_two(head: str, separator: str) -> tuple[int, int]:
    """The numbers of cells in the first two lines, 0 for an absent one."""
    reader = csv_reader(_text_lines(head, 0), delimiter=separator)
    lengths = [len(line) for line in islice((line for line in reader if line), 2)]
    return (*lengths, 0, 0)[:2]  # type: ignore[return-value]


def _batches(text: str, start: int, separator: str) -> Iterator[_Batch]:
    """The header alone, which is empty if there is none, and then the rows, from the character `start` on."""
    reader = csv_reader(_text_lines(text, start), delimiter=separator, strict=True)
    line = 1
    try:
        while (header := next(reader, None)) == []:
            line += 1
        yield _Batch([header or []], line)
        while rows := list(islice(reader, BATCH_ROWS)):
            yield _Batch(rows, line + 1)
            line += len(rows)
    except csv.Error as error:
        raise _quote_fault(text, start, separator, str(error)) from None


def _text_lines(text: str, start: int) -> Iterator[str]:
    # a StringIO would hold the text again, with four bytes for each character
    return (line.group() for line in LINE.finditer(text, start))


def _quote_fault(text: str, start: int, separator: str, reason: str) -> InvalidInputError:
    """A fault with the line where the unreadable row begins: csv notices an open quote only at the end of the file.

    Here it is the line of a text editor: a spreadsheet reads the rest of such a file as one cell, or not at all.
    """
    reader = csv_reader(_text_lines(text, start), delimiter=separator, strict=True)
    before = len(LINE_END.findall(text[:start]))
    line = before + 1
    try:
        for _ in reader:
            line = before + reader.line_num + 1
    except csv.Error:
        pass
    if "unexpected end of data" in reason:
        reason = 'a quote (") opens there and never closes; within a text in quotes, write a quote twice ("")'
    return file_fault(f"the file is not CSV from line {line} on: {reason}", "csv_invalid")
