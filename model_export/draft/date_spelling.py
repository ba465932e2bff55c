"""Respelling of dates as ISO 8601 writes them, before the type of a column is inferred."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from functions.core.datetimes import DateOrder
from model_export.draft.columns import MISSING_TEXTS
from model_export.training_files.date_cells import as_iso, is_date, possible_orders
from model_export.training_files.faults import readable_name
from model_export.training_files.sheet import Cells


def in_iso(cells: Cells, names: Iterable[str], notes: list[str]) -> tuple[Cells, dict[str, DateOrder]]:
    """The cells with dates as 2026-11-29 where those of a column can be read in one order alone, and these orders.

    Only the columns in `names` are changed; `notes` gets one for each.
    """
    orders: dict[str, DateOrder] = {}
    for name in names:
        order = _order(cells[name])
        if order is not None:
            orders[name] = order
            notes.append(f"{readable_name(name)}: its dates are {order}")
    if not orders:
        return cells, orders
    return {name: _respelled(column, orders.get(name)) for name, column in cells.items()}, orders


def _order(column: Sequence[Any]) -> DateOrder | None:
    """The one order in which the texts of a column are dates, if ISO 8601 would write them otherwise."""
    texts = list(dict.fromkeys(cell.strip() for cell in column if isinstance(cell, str)))
    texts = [text for text in texts if text not in MISSING_TEXTS]
    if all(map(is_date, texts[:1])):  # a quick check: texts that begin as ISO 8601 are not respelled
        return None
    orders = possible_orders(texts)
    return orders[0] if len(orders) == 1 else None


def _respelled(column: Sequence[Any], order: DateOrder | None) -> Sequence[Any]:
    return (
        column if order is None else [as_iso(cell.strip(), order) if isinstance(cell, str) else cell for cell in column]
    )
