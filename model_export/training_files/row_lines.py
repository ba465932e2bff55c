"""The lines of a file on which its rows begin."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RowLines:
    """The line of each row; only the rows that do not begin one line after the row before are kept.

    Lines count from 1, and rows from 0.
    """

    rows: array[int] = field(default_factory=lambda: array("q"))
    lines: array[int] = field(default_factory=lambda: array("q"))

    def add(self, row: int, line: int) -> None:
        """Note the line of a row; rows come in their order."""
        if not self.rows or line - self.lines[-1] != row - self.rows[-1]:
            self.rows.append(row)
            self.lines.append(line)

    def line_of(self, row: int) -> int:
        place = bisect_right(self.rows, row) - 1
        return self.lines[place] + row - self.rows[place]
