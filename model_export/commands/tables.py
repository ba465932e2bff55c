"""Lists as tables for people; the same records are printed as JSON with --json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from model_export.commands.report import metrics_line

GAP = "  "
NOTHING = "-"


def table(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line of headings and a line for each record, with a column for each key in the order of the first record.

    A key that no record has a value for makes no column.
    """
    keys = dict.fromkeys(key for record in records for key in record)
    shown = [key for key in keys if any(record.get(key) is not None for record in records)]
    rows = [[key.replace("_", " ").upper() for key in shown]]
    rows += [[_cell(record.get(key)) for key in shown] for record in records]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _cell(value: Any) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return metrics_line(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or NOTHING
    return " ".join(str(value).split()) or NOTHING
