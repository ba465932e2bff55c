"""Rows of a file that is not plain, one JSON line each, as planning makes them and workers read them.

Numbers, texts and dates were read by the rules for training files, and unreadable cells are faults of their row. Each
row knows its line in the file that was sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from functions.core.errors import DamagedRecordError


class ConvertedRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One row. `values` are those of the features by name, datetimes as texts; a row with `faults` may lack some.

    `columns` are the cells as they were sent, if the batch keeps them; `targets` are true values by the name of the
    target, if the batch is measured. `faults` are column, message and kind; the column is empty for a fault of the row.
    """

    line: int
    values: Mapping[str, Any] = {}
    id: str | None = None
    columns: Mapping[str, Any] | None = None
    targets: Mapping[str, Any] | None = None
    faults: tuple[tuple[str, str, str], ...] = ()


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(ConvertedRow)


def encoded_rows(rows: Iterable[ConvertedRow]) -> bytes:
    """A line for each row, with a line break after it."""
    return _ENCODER.encode_lines(rows)


def decoded_rows(body: bytes) -> Iterator[ConvertedRow]:
    """The rows of whole lines. Raises DamagedRecordError."""
    for line in body.split(b"\n"):
        if line:
            try:
                yield _DECODER.decode(line)
            except msgspec.MsgspecError as error:
                raise DamagedRecordError(f"a converted row cannot be read: {error}") from error
