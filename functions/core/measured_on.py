"""The rows that metrics were measured on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MeasuredOn:
    """The rows behind the metrics of a version; `rows` is None where their number is not known.

    `in_sample` is true for rows that the pipeline may have been fitted on: metrics on these flatter.
    """

    rows: int | None
    in_sample: bool = False

    @property
    def words(self) -> str:
        rows = "rows" if self.rows is None else "1 row" if self.rows == 1 else f"{self.rows} rows"
        return f"on {rows} that {'the pipeline may have been' if self.in_sample else 'it was not'} fitted on"
