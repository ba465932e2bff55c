"""The columns of a file, before a definition gives them types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from functions.core.errors import Fault

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
    than the header, which are not in the columns; `row_numbers` are then the numbers of the rows that are.
    """

    header: tuple[str, ...]
    columns: tuple[list[Any], ...]
    is_text: bool
    separator: str = ","
    notes: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    row_numbers: Sequence[int] | None = None

    @property
    def rows(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def in_file(self, fault: Fault) -> Fault:
        """The fault of a row of the columns, moved to the row's number in the file."""
        if self.row_numbers is None:
            return fault
        return replace(fault, loc=(self.row_numbers[int(fault.loc[0])], *fault.loc[1:]))


CheckHeader = Callable[[Sheet], None]
"""A look at the header, as a sheet without rows, before the cells cost anything; it raises InvalidInputError."""


def any_header(header: Sheet) -> None:
    """Accept every header."""
