"""A folder as Storage, safe among threads and processes on every platform.

Python has no conditional rename that works on every platform, so locks decide which of two writers was first.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock, Timeout

from functions.core.errors import DiskError, ObjectNotFoundError, PreconditionFailedError, StorageError
from functions.core.file_sharing import patiently
from functions.core.storage import HIDDEN, StoredObject, check_key, is_listed

LOCKS = 64
"""Keys share this many lock files: one for each key would leave a file behind for every object ever written."""
PARTIAL = ".part"
LEFTOVER_SECONDS = 3600.0
"""The age at which a file that is still being written counts as left by a killed process."""
LOCK_SECONDS = 10.0
"""The longest wait for a lock; a write under it takes milliseconds."""
NO_FOLDER = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
LONGEST_REMEMBERED_BYTES = 100_000
"""A longer object is read and hashed at every question; the pointers that are asked for have 200 bytes."""
READ_BYTES = os.O_RDONLY | getattr(os, "O_BINARY", 0)
"""Windows would translate the line ends of a file that is opened without O_BINARY."""
ON_WINDOWS = os.name == "nt"
UNKNOWN_TO_WINDOWS = re.compile(
    r'[<>:"|?*]|[ .](?=/|$)|(?<![^/])(con|prn|aux|nul|com[0-9]|lpt[0-9])(?=[./]|$)', re.IGNORECASE
)
"""What Windows takes in no name, drops at the end of it, or takes for a device. `a:b` would be a hidden part of `a`."""


class LocalStorage:
    """Objects as files below `root`.

    A write goes to a hidden file, which is then renamed into place. Conditional writes hold a lock while they compare;
    the operating system drops the lock when its process ends.
    Refusals of the file system are raised as DiskError, which names the path.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._asked: dict[str, _Asked] = {}

    def __str__(self) -> str:
        return str(self.root)

    def read(self, key: str) -> StoredObject:
        path = self._path(key)
        try:
            body = patiently(path.read_bytes)
        except FileNotFoundError:
            raise ObjectNotFoundError(key) from None
        except OSError as error:
            raise _unread(path, key, error) from error
        return StoredObject(body, _etag(body))

    def read_range(self, key: str, start: int, end: int) -> bytes:
        path = self._path(key)
        try:
            with patiently(lambda: path.open("rb")) as file:
                file.seek(start)
                return file.read(max(0, end - start))
        except FileNotFoundError:
            raise ObjectNotFoundError(key) from None
        except OSError as error:
            raise _unread(path, key, error) from error

    def size_bytes(self, key: str) -> int:
        path = self._path(key)
        if not os.path.isfile(path):
            raise ObjectNotFoundError(key)
        with _on_disk(path):
            return path.stat().st_size

    def read_if_changed(self, key: str, etag: str) -> StoredObject | None:
        asked = self._asked.get(key)
        if asked is not None and asked.found.etag == etag and asked.is_unchanged():
            return None
        stored = self.read(key)
        if len(stored.body) <= LONGEST_REMEMBERED_BYTES:
            self._asked[key] = _Asked(str(self._path(key)), stored)
        return None if stored.etag == etag else stored

    def write(self, key: str, body: bytes) -> str:
        with self._locked(key):
            return self._put(key, body)

    def write_from(self, key: str, source: BinaryIO) -> None:
        """Write what is left of a file, over any other object, without holding it in memory.

        It holds no lock, as that takes seconds: the key is none of those that conditions are for.
        """
        self._fill(key, lambda file: shutil.copyfileobj(source, file))

    def create(self, key: str, body: bytes) -> str:
        with self._locked(key):
            path = self._path(key)
            if path.exists() and not path.is_dir():  # a folder in the way is an error of the disk, not a lost race
                raise PreconditionFailedError(key)
            return self._put(key, body)

    def replace(self, key: str, body: bytes, etag: str) -> str:
        with self._locked(key):
            try:
                unchanged = self.read(key).etag == etag
            except ObjectNotFoundError:
                unchanged = False
            if not unchanged:
                raise PreconditionFailedError(key)
            return self._put(key, body)

    def copy(self, source: str, target: str) -> None:
        path = self._path(source)
        if not os.path.isfile(path):
            raise ObjectNotFoundError(source)
        with self._locked(target), _on_disk(path), path.open("rb") as original:
            self._fill(target, lambda file: shutil.copyfileobj(original, file))

    def children(self, prefix: str) -> list[str]:
        folder = self._path(prefix) if prefix else self.root
        try:
            names = os.listdir(folder)
        except OSError as error:
            if error.errno in NO_FOLDER:
                return []
            raise DiskError(folder, error) from error
        return sorted(filter(is_listed, names))

    def keys(self, prefix: str) -> list[str]:
        top = self._path(prefix) if prefix else self.root
        found: list[str] = []
        for folder, folders, names in os.walk(top, onerror=_refuse_unlisted):
            folders[:] = filter(is_listed, folders)
            below = Path(folder).relative_to(self.root).as_posix()
            start = "" if below == "." else f"{below}/"
            found += [f"{start}{name}" for name in names if is_listed(name)]
        return sorted(found)

    def delete(self, key: str) -> None:
        path = self._path(key)
        with self._locked(key), _on_disk(path):
            if os.path.isfile(path):
                patiently(path.unlink)
                path = path.parent
            with suppress(OSError):  # an empty folder is removed, since S3 has no empty folders
                path.rmdir()

    def erase_past(self, prefix: str) -> None:
        """Do nothing: a folder keeps no past."""

    def _path(self, key: str) -> Path:
        check_key(key)
        if ON_WINDOWS and (found := UNKNOWN_TO_WINDOWS.search(key)):
            raise StorageError(f"{key!r} can be no file of Windows, because of {found[0]!r}: choose another name")
        return self.root / key

    @contextmanager
    def _locked(self, key: str) -> Iterator[None]:
        locks = self.root / ".locks"
        # not hash(), which differs between processes
        shard = int.from_bytes(hashlib.sha256(key.encode()).digest()[:2], "big") % LOCKS
        lock = FileLock(locks / f"{shard}.lock", timeout=LOCK_SECONDS)
        _acquire(lock, locks)
        try:
            yield
        finally:
            lock.release()

    def _put(self, key: str, body: bytes) -> str:
        self._fill(key, lambda file: file.write(body))
        return _etag(body)

    def _fill(self, key: str, write: Callable[[BinaryIO], object]) -> None:
        path = self._path(key)
        with _on_disk(path):
            handle, temporary = _temporary_beside(path)
            try:
                with os.fdopen(handle, "wb") as file:
                    write(file)
                    file.flush()
                    # before the rename: otherwise a power cut can leave the new name with no content
                    os.fsync(file.fileno())
                patiently(lambda: os.replace(temporary, path))
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise


@dataclass(frozen=True, slots=True)
class _Asked:
    """An object that was asked for, as it was found."""

    path: str
    found: StoredObject

    def is_unchanged(self) -> bool:
        """Compare the file with what was found in it; False for a file that cannot be read as well.

        Its size and times would cost a few microseconds less, and prove nothing: two writes within one tick of the
        clock leave the same, and a network file system answers them from a cache, but opens the file as it is.
        """
        body = self.found.body
        try:
            file = os.open(self.path, READ_BYTES)
            try:
                return os.read(file, len(body) + 1) == body
            finally:
                os.close(file)
        except OSError:
            return False


def remove_leftovers(root: Path) -> int:
    """Remove the files below `root` that killed processes left half written; returns their number."""
    oldest = time.time() - LEFTOVER_SECONDS
    removed = 0
    for folder, _, names in os.walk(root):
        for name in names:
            if name.startswith(HIDDEN) and name.endswith(PARTIAL):
                path = Path(folder, name)
                with suppress(OSError):  # another process was faster
                    if path.lstat().st_mtime < oldest:
                        path.unlink()
                        removed += 1
    return removed


def _temporary_beside(path: Path) -> tuple[int, str]:
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        # another process may remove the empty folder right now
        with suppress(FileNotFoundError):
            # cut, because a name with a suffix could exceed the limit of the file system
            return tempfile.mkstemp(PARTIAL, f"{HIDDEN}{path.name[:64]}.", path.parent)


def _acquire(lock: FileLock, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise StorageError(
            f"{lock.lock_file} is held by another process for more than {LOCK_SECONDS:g} s: let it go on, or end it"
        ) from None
    except OSError as error:
        raise DiskError(folder, error) from error


@contextmanager
def _on_disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DiskError(path, error) from error


def _refuse_unlisted(error: OSError) -> None:
    """Raise DiskError for a folder that is there and cannot be listed."""
    if error.errno not in NO_FOLDER:
        raise DiskError(error.filename, error) from error


def _unread(path: Path, key: str, error: OSError) -> StorageError:
    """The error for a failed read: ObjectNotFoundError unless there is a file.

    The errors of systems differ for folders and for long names, so the path itself is looked at.
    """
    is_hidden = isinstance(error, PermissionError) and not os.path.isdir(path)
    return DiskError(path, error) if is_hidden or os.path.isfile(path) else ObjectNotFoundError(key)


def _etag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
