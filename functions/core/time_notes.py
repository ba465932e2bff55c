"""Notes of when jobs and batches were created, as names of empty objects: a thousand of them come with one request.

`models/<model>/times/<kind>/<time>-<name>` is written after the record. A note saves reading the record and may be
missing, of older releases and after a crash; a record with no note, or with several, is read.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from functions.core.errors import PreconditionFailedError, StorageError
from functions.core.excerpts import Excerpt, read_excerpt
from functions.core.storage import Storage
from functions.core.threads import in_threads

logger = logging.getLogger(__name__)
TIME = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2}\.[0-9]{6}Z)")
NOTE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2}\.[0-9]{6}Z)-([0-9a-f]{32})")
"""A time without the signs that file systems refuse, and the name of the record."""


class Dated(Protocol):
    """A record with the time of its creation."""

    @property
    def created(self) -> str: ...


Record = TypeVar("Record", bound=Dated)


def note_time(storage: Storage, model: str, kind: str, name: str, created: str) -> None:
    """Write the note of a record of that kind, such as jobs.

    An error is logged only; a time in another form than clock.py's gets none.
    """
    key = _key(model, kind, name, created)
    if key is None:
        return
    try:
        storage.create(key, b"")
    except PreconditionFailedError:
        return  # noted already
    except StorageError as error:
        logger.warning("%s in the %s of %s has no note of its time: %s", name, kind, model, error)


def forget_time(storage: Storage, model: str, kind: str, name: str, created: str) -> None:
    """Remove the note of a record that is gone."""
    key = _key(model, kind, name, created)
    if key is not None:
        storage.delete(key)


def noted_times(storage: Storage, model: str, kind: str) -> dict[str, str]:
    """The time of creation for each record that has one note."""
    found: dict[str, list[str]] = defaultdict(list)
    for written in storage.children(_folder(model, kind)):
        if note := NOTE.fullmatch(written):
            year, month, day, hour, minute, second, name = note.groups()
            found[name].append(f"{year}-{month}-{day}T{hour}:{minute}:{second}")
    return {name: times[0] for name, times in found.items() if len(times) == 1}


def read_newest(
    names: Sequence[str],
    noted: Mapping[str, str],
    read: Callable[[str], Record | None],
    start: int = 0,
    count: int | None = None,
) -> Excerpt[Record]:
    """An excerpt of the records with these names, newest first; `read` leaves one out by None.

    Only those of the excerpt are read, and those without a noted time. The names are in ascending order.
    """
    unnoted = [name for name in names if name not in noted]
    found = dict(zip(unnoted, in_threads(read, unnoted), strict=True))
    created = {**noted, **{name: record.created for name, record in found.items() if record is not None}}
    # records of one moment are in the order of their names
    listed = sorted((name for name in names if name in created), key=created.__getitem__, reverse=True)
    return read_excerpt(listed, start, count, lambda name: found.get(name) or read(name))


def _key(model: str, kind: str, name: str, created: str) -> str | None:
    written = TIME.fullmatch(created)
    if written is None:
        return None
    year, month, day, hour, minute, second = written.groups()
    return f"{_folder(model, kind)}/{year}{month}{day}T{hour}{minute}{second}-{name}"


def _folder(model: str, kind: str) -> str:
    # not below jobs/, whose list would have one name more, and still where those who write jobs may write
    return f"models/{model}/times/{kind}"
