"""Small JSON objects of the registry, read with every type checked."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from functions.core.errors import DamagedRecordError

Record = TypeVar("Record")


def decode(body: bytes, kind: type[Record], key: str) -> Record:
    """The dataclass `kind` from JSON. Raises DamagedRecordError that names `key`, where the body was read."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise DamagedRecordError(f"{key} cannot be read: {error}") from error
