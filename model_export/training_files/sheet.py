"""The columns of a file, before a definition gives them types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from functions.core.errors import LINE, Fault
from model_export.training_files.row_lines import RowLines

Cells = Mapping[str, Sequence[Any]]
"""The cells of each column by its name, as the file has them or as they are brought to the model."""
MOST_CELLS = 20_000_000
"""The most cells of a JSON file: read, they take up to 1.4 GB, and a trainer has 3 GB."""
MOST_ROWS = 7_000_000
"""The most rows of a JSON file, each a dictionary of 200 bytes or more; 100 MB hold no more rows of two columns."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The header of a file, whose names may be empty or repeated, and a column for each name.

    In delimited files every cell is text, and `separator` is between them. `faults` are for rows of another length
    than the header, which are not in the columns; `row_numbers` are then the numbers of the rows that are. `lines` are
    those on which the rows of a file begin, None for a JSON array.
    """

    header: tuple[str, ...]
    columns: tuple[list[Any], ...]
    is_text: bool
    separator: str = ","
    notes: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    row_numbers: Sequence[int] | None = None
    lines: RowLines | None = None

    @property
    def rows(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def in_file(self, fault: Fault) -> Fault:
        """The fault of a row of the columns, moved to the row's number in the file."""
        number = self._number(int(fault.loc[0]))
        return fault if number == fault.loc[0] else replace(fault, loc=(number, *fault.loc[1:]))

    def on_line(self, fault: Fault) -> Fault:
        """The fault of a row of the file, moved to the line on which the row begins; unchanged for a JSON array."""
        if self.lines is None:
            return fault
        return replace(fault, loc=(LINE, self.lines.line_of(int(fault.loc[0])), *fault.loc[1:]))

    def where(self, row: int) -> str:
        """The place of a row of the columns, within a message."""
        number = self._number(row)
        return f"row {number}" if self.lines is None else f"line {self.lines.line_of(number)}"

    def _number(self, row: int) -> int:
        return row if self.row_numbers is None else self.row_numbers[row]


CheckHeader = Callable[[Sheet], None]
"""A look at the header, as a sheet without rows, before the cells cost anything; it raises InvalidInputError."""


def any_header(header: Sheet) -> None:
    """Accept every header."""
