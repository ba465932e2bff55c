"""A file's columns as they stand in it, before a definition says what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from functions.core.errors import Fault

Cells = Mapping[str, Sequence[Any]]
"""The cells of each column by its name, as the file has them or as they are brought to the model."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """`header` and `columns` go together; names may be empty or repeated.

    In delimited files every cell is text and `separator` stands between them. `faults` are rows that could not be
    laid under the header; they are not in the columns, and `row_numbers` are then those of the rows that are.
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
        """A fault of a row of the columns, under the row's number in the file."""
        if self.row_numbers is None:
            return fault
        return replace(fault, loc=(self.row_numbers[int(fault.loc[0])], *fault.loc[1:]))
