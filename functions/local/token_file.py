"""The tokens in a file of a server: reading, and changing without losing the changes of others."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from functions.core.errors import ConflictError, DespliegueError, ObjectNotFoundError, PreconditionFailedError
from functions.core.local_storage import LocalStorage
from functions.core.tokens import TokenRecords

LOST_RACES = 10
OTHERS_MAY = stat.S_IWGRP | stat.S_IRWXO
"""Permissions that a file of tokens must not give. Its group may read it, as Kubernetes sets it up for a volume."""


class TokenFileError(DespliegueError):
    """A file of tokens is not there, or may be changed by others."""


class TokenFile:
    """The tokens in the file at a path. A file that is written here belongs to its writer alone (mode 0600)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> TokenRecords:
        """The current tokens. Raises TokenFileError, DamagedRecordError."""
        try:
            with self.path.open("rb") as file:
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                body = file.read()
        except FileNotFoundError:
            raise TokenFileError(
                f"{self.path} is missing: make the first token with `despliegue token create NAME --scope SCOPE "
                f"--file {self.path}`"
            ) from None
        except OSError as error:
            raise TokenFileError(f"{self.path} cannot be read: {error.strerror}") from error
        if os.name == "posix" and mode & OTHERS_MAY:
            raise TokenFileError(
                f"{self.path} may be read or written by others (mode {mode:04o}): run `chmod 600 {self.path}`"
            )
        return TokenRecords.from_json(body, str(self.path))

    def update(self, change: Callable[[TokenRecords], TokenRecords]) -> TokenRecords:
        """Write the tokens that `change` returns; call it again if another writer was faster.

        A missing file has no tokens yet. Raises the errors of `read`, StorageError, ConflictError after many lost
        races, and the errors of `change`.
        """
        # where a link leads: to replace the link itself would part it from its file
        place = self.path.resolve()
        storage, key = LocalStorage(place.parent), place.name
        for _ in range(LOST_RACES):
            try:
                etag = storage.read(key).etag
            except ObjectNotFoundError:
                etag = None
            try:
                # the question for the etag comes first: what is written between the two is seen as a lost race
                if etag is None:
                    changed = change(TokenRecords(()))
                    storage.create(key, changed.to_json())
                else:
                    changed = change(self.read())
                    storage.replace(key, changed.to_json(), etag)
            except PreconditionFailedError:
                continue
            return changed
        raise ConflictError(f"{self.path} is being changed by others all the time: try again later")
