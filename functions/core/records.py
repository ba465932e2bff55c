"""Small JSON objects that Despliegue writes and reads itself: jobs, promotions, tokens, builds.

Unlike documents that people write (documents.py) they are decoded in one go, and a fault quotes no value: a token that
was pasted over the secret must not reach a log. Keys of a newer Despliegue are passed over where the record is a
dataclass, because two versions of it work on one registry while a deployment goes on.
"""

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
