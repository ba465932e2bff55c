"""Small JSON objects that Despliegue itself writes and reads: jobs, promotions, tokens, builds.

Documents that people write have a reader of their own (documents.py). Records are decoded in one step, and an error
quotes no value, because a token that was pasted over the secret must not reach a log. Unknown keys of dataclasses are
ignored: during a deployment, two versions of Despliegue work on one registry.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from functions.core.errors import DamagedRecordError

_Kind = TypeVar("_Kind")


def read_record(body: bytes, kind: type[_Kind], key: str) -> _Kind:
    """The dataclass `kind` from JSON. Raises DamagedRecordError that names `key`, the place of the record."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise DamagedRecordError(f"{key} cannot be read: {error}") from error
