"""Rows or a file to train on or to predict in a batch."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from despliegue_client.errors import ApiError, UnsendableError
from despliegue_client.exchange import FormFile, Operation, Record
from despliegue_client.tables import Frame, Rows, Table

ENDING = re.compile(r"(\.(csv|jsonl?)(\.gz)?|\.parquet)\Z", re.IGNORECASE | re.ASCII)
"""What says how a file is to be read, and is kept of its name."""
MOST_STEM = 80
TOO_LARGE = 413
OPTIONS_BYTES = 1_000
"""Kept free in a request for what it has beside its rows."""
Source = Frame | Rows | Mapping[str, Any] | str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file on this machine."""

    path: Path

    @property
    def name(self) -> str:
        """The name under which it is sent, in the characters that the API takes; the file may have any name."""
        found = ENDING.search(self.path.name)
        ending = found[0] if found else ""
        letters = unicodedata.normalize("NFKD", self.path.name.removesuffix(ending))
        stem = re.sub("[^A-Za-z0-9._-]+", "-", letters).lstrip("._-")[:MOST_STEM]
        return f"{stem or 'rows'}{ending}"

    def form_file(self, form: Record) -> FormFile:
        return FormFile(form["fields"], self.name, self.path)


@dataclass(frozen=True)
class RowSource:
    """Rows in memory; what is too large for a request is sent as a file of JSON Lines."""

    table: Table

    @cached_property
    def name(self) -> str:
        """One name for the same rows alone: by the name of its file the API knows whether a request is repeated."""
        digest = hashlib.sha256()
        for row in self.table.rows:
            digest.update(row)
            digest.update(b"\n")
        return f"rows-{digest.hexdigest()[:16]}.jsonl"

    def fits(self, most_bytes: int) -> bool:
        """Return True if one request can hold the rows."""
        return sum(len(row) + 1 for row in self.table.rows) + OPTIONS_BYTES <= most_bytes

    def form_file(self, form: Record) -> FormFile:
        return FormFile(form["fields"], self.name, self.table.json_lines())


def source_of(data: Source) -> FileSource | RowSource:
    """A text or path is a file. Raises UnsendableError for a file that cannot be read, and for no rows."""
    if isinstance(data, str | os.PathLike):
        path = Path(data)
        # not is_file of the path, which raises where its folder may not be searched
        if not os.path.isfile(path):
            raise UnsendableError(f"{path}: no such file")
        opened(path).close()
        return FileSource(path)
    table = Table.of(data)
    if not table.rows:
        raise UnsendableError("there is no row to send")
    return RowSource(table)


def opened(path: Path) -> BinaryIO:
    """A file of this machine. Raises UnsendableError with the reason if it cannot be read."""
    try:
        return path.open("rb")
    except OSError as error:
        raise UnsendableError(f"{path}: cannot be read: {error.strerror or error}") from None


def unless_too_large(sending: Operation[Record]) -> Operation[Record | None]:
    """The answer to a request with rows; None if the server takes so many in a file only."""
    try:
        return (yield from sending)
    except ApiError as error:
        if error.status != TOO_LARGE:
            raise
        return None
