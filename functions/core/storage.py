"""What the registry needs of a place to keep objects: a folder and an S3 prefix both give it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from functions.core.errors import StorageError

KEY = re.compile(r"(?!.*(?:^|/)\.{0,2}(?:/|$))[^\\\0]+")


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as read; `etag` changes whenever the content does."""

    body: bytes
    etag: str


class Storage(Protocol):
    """Objects under slash-separated keys. Every write is whole or absent; none is ever seen half done."""

    def read(self, key: str) -> StoredObject:
        """Raises ObjectNotFoundError."""
        ...

    def size_bytes(self, key: str) -> int:
        """How large the object is, without reading it. Raises ObjectNotFoundError."""
        ...

    def read_if_changed(self, key: str, etag: str) -> StoredObject | None:
        """None while the content is still that of `etag`; raises ObjectNotFoundError."""
        ...

    def write(self, key: str, body: bytes) -> str:
        """Write whatever stands there; returns the etag."""
        ...

    def create(self, key: str, body: bytes) -> str:
        """Write if nothing stands there; returns the etag. Raises PreconditionFailedError."""
        ...

    def replace(self, key: str, body: bytes, etag: str) -> str:
        """Write if the content is still that of `etag`; returns the new one. Raises PreconditionFailedError."""
        ...

    def children(self, prefix: str) -> list[str]:
        """Names directly below the folder `prefix`, files and folders, in sorted order; empty if none."""
        ...

    def delete(self, key: str) -> None:
        """Remove the object; nothing happens where there is none."""
        ...


def check_key(key: str) -> str:
    """`key` itself; raises StorageError where it could leave the storage (`..`, `\\`, empty parts)."""
    if not KEY.fullmatch(key):
        raise StorageError(f"{key!r} is no key: parts joined by single slashes, none of them empty, '.' or '..'")
    return key
