"""The interface to a place that keeps objects. A folder and an S3 prefix implement it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from functions.core.errors import ObjectNotFoundError, StorageError

# parts joined by single slashes; no part is empty, "." or ".."; no backslash, which Windows takes for a slash; no
# control characters, which clients of object storage refuse
KEY = re.compile(r"(?!.*(?:^|/)\.{0,2}(?:/|$))[^\\\0-\x1f\x7f]+")
HIDDEN = "."
"""The first character of names that no list has: locks, and files that are still being written."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """The content of an object; `etag` changes whenever the content does."""

    body: bytes
    etag: str


class Storage(Protocol):
    """Objects under slash-separated keys. Every write is atomic: readers see all of it or nothing."""

    def read(self, key: str) -> StoredObject:
        """The object under `key`. Raises ObjectNotFoundError."""
        ...

    def read_range(self, key: str, start: int, end: int) -> bytes:
        """The bytes from `start` to `end` (exclusive), as far as the object has them. Raises ObjectNotFoundError."""
        ...

    def size_bytes(self, key: str) -> int:
        """The size of the object, without reading it. Raises ObjectNotFoundError."""
        ...

    def revision(self, key: str) -> str:
        """A text that is another one once the object was written again, without reading it.

        Raises ObjectNotFoundError.
        """
        ...

    def read_if_changed(self, key: str, etag: str) -> StoredObject | None:
        """The object; None if it still has that `etag`. Raises ObjectNotFoundError."""
        ...

    def write(self, key: str, body: bytes) -> str:
        """Write the object, over any other; returns the etag."""
        ...

    def create(self, key: str, body: bytes) -> str:
        """Write the object if there is none; returns the etag. Raises PreconditionFailedError."""
        ...

    def replace(self, key: str, body: bytes, etag: str) -> str:
        """Write the object if it still has that `etag`; returns the new etag. Raises PreconditionFailedError."""
        ...

    def copy(self, source: str, target: str) -> None:
        """Write what is under `source` under `target`, over any other. Raises ObjectNotFoundError."""
        ...

    def children(self, prefix: str) -> list[str]:
        """The sorted names of files and folders directly below the folder `prefix`; empty if there are none."""
        ...

    def keys(self, prefix: str) -> list[str]:
        """The sorted keys of all objects below the folder `prefix`, however deep; empty if there are none."""
        ...

    def delete(self, key: str) -> None:
        """Remove the object; do nothing if there is none."""
        ...

    def erase_past(self, prefix: str) -> None:
        """Remove what objects whose keys begin with `prefix` held before: all but their present content.

        Only a versioned bucket keeps such things; elsewhere this does nothing.
        """
        ...


def is_listed(name: str) -> bool:
    """False for a name or a key that lists leave out: a part of it is hidden, or empty as in the marker of a folder."""
    return not any(not part or part.startswith(HIDDEN) for part in name.split("/"))


def is_object(storage: Storage, key: str) -> bool:
    """True if there is an object under `key`, which is not read."""
    try:
        storage.size_bytes(key)
    except ObjectNotFoundError:
        return False
    return True


def check_key(key: str) -> str:
    """Return `key`; raises StorageError for one that could leave the storage, and for control characters."""
    if not KEY.fullmatch(key):
        raise StorageError(
            f"{key!r} is no key: parts joined by single slashes, none of them empty, '.' or '..', no control characters"
        )
    return key
