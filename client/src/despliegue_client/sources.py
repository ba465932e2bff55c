"""Rows or a file to train on or to predict in a batch."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from despliegue_client.errors import UnsendableError
from despliegue_client.exchange import FormFile, Record
from despliegue_client.tables import Frame, Rows, Table

ROWS_NAME = "rows.jsonl"
OPTIONS_BYTES = 1_000
"""Kept free in a request for what it has beside its rows."""
Source = Frame | Rows | Mapping[str, Any] | str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file on this machine."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    def form_file(self, form: Record) -> FormFile:
        return FormFile(form["fields"], self.name, self.path)


@dataclass(frozen=True, slots=True)
class RowSource:
    """Rows in memory; what is too large for a request is sent as a file of JSON Lines."""

    table: Table
    name: str = ROWS_NAME

    def fits(self, most_bytes: int) -> bool:
        """Return True if one request can hold the rows."""
        return sum(len(row) + 1 for row in self.table.rows) + OPTIONS_BYTES <= most_bytes

    def form_file(self, form: Record) -> FormFile:
        return FormFile(form["fields"], self.name, self.table.json_lines())


def source_of(data: Source) -> FileSource | RowSource:
    """A text or path is a file. Raises UnsendableError for a file that is not there, and for no rows."""
    if isinstance(data, str | os.PathLike):
        path = Path(data)
        if not path.is_file():
            raise UnsendableError(f"{path}: no such file")
        return FileSource(path)
    table = Table.of(data)
    if not table.rows:
        raise UnsendableError("there is no row to send")
    return RowSource(table)
