"""Marks on versions and training rows that are to be removed.

Nothing is removed at once: who began to work with it before it was marked may still need it. After RETIRED_SECONDS
nobody does, because neither a training nor a promotion takes as long, and none begins with what is marked.
"""

from __future__ import annotations

import orjson

from functions.core.clock import now
from functions.core.errors import ObjectNotFoundError
from functions.core.records import read_record
from functions.core.storage import Storage

RETIRED_SECONDS = 6 * 3600
"""The time between the mark and the removal."""
MARK = ".retired.json"


def retired_since(storage: Storage, key: str) -> str | None:
    """The time of the mark on `key`, which is a folder or an object; None if it has none."""
    mark = key + MARK
    try:
        return read_record(storage.read(mark).body, dict[str, str], mark)["time"]
    except ObjectNotFoundError:
        return None


def retire(storage: Storage, key: str) -> None:
    """Mark `key`, or mark it again with the present time."""
    storage.write(key + MARK, orjson.dumps({"time": now()}))


def renew(storage: Storage, key: str) -> None:
    """Begin the time of a mark again, for work that needs what is under `key`; nothing without a mark."""
    if retired_since(storage, key) is not None:
        retire(storage, key)


def take_back(storage: Storage, key: str) -> None:
    """Remove the mark on `key`, if it has one."""
    storage.delete(key + MARK)
