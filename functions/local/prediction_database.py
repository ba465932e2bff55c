"""Predictions in SQLite, a file for each batch: many processes write at once, and a batch is removed with its file."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from functions.core.errors import DiskError, StorageError
from functions.core.lookups import StoredPrediction
from functions.core.storage import check_key

BUSY_SECONDS = 60.0
"""The longest wait for other processes that write; a write of some thousand predictions takes milliseconds."""
PAUSE_SECONDS = 0.05
ASKED_AT_ONCE = 500
"""Fewer ids than the 999 parameters that old versions of SQLite take."""
TABLE = "CREATE TABLE IF NOT EXISTS predictions (id TEXT PRIMARY KEY, line INTEGER, body BLOB) WITHOUT ROWID"
SIDE_FILES = ("-wal", "-shm")
Row = tuple[str, int, bytes]


@dataclass(slots=True)
class _Opened:
    """An open file, by its number on the disk: another one of the same name was made after this one was removed."""

    connection: sqlite3.Connection
    number: int


class PredictionDatabase:
    """The databases below a folder, <model>/<batch>.sqlite. It goes to other processes by its path.

    Connections stay open: opening one, and what SQLite does when the last one is closed, costs more than a lookup.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._opened: dict[Path, _Opened] = {}
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[type[PredictionDatabase], tuple[Path]]:
        return PredictionDatabase, (self.folder,)

    def __str__(self) -> str:
        return str(self.folder)

    def write(self, model: str, batch: str, predictions: Sequence[StoredPrediction]) -> None:
        if not predictions:
            return
        path = self._path(model, batch)
        rows = [(one.id, one.line, orjson.dumps([one.prediction, one.warnings])) for one in predictions]
        with self._lock, _on_database(path):
            connection = self._connection(path) or self._created(path)
            with connection:
                connection.executemany("INSERT OR REPLACE INTO predictions VALUES (?, ?, ?)", rows)

    def read(self, model: str, batch: str, ids: Sequence[str]) -> dict[str, StoredPrediction]:
        path = self._path(model, batch)
        with self._lock, _on_database(path):
            connection = self._connection(path)
            if connection is None:
                return {}
            parts = (ids[start : start + ASKED_AT_ONCE] for start in range(0, len(ids), ASKED_AT_ONCE))
            return {one.id: one for part in parts for one in _asked(connection, part)}

    def remove(self, model: str, batch: str, ids: Sequence[str]) -> None:
        path = self._path(model, batch)
        with self._lock, _on_database(path):
            connection = self._connection(path)
            if connection is None:
                return
            with connection:
                # overwritten in the file, where a removed row would stay readable until its page is used again
                connection.execute("PRAGMA secure_delete = ON")
                connection.executemany("DELETE FROM predictions WHERE id = ?", [(one,) for one in ids])
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def delete(self, model: str, batch: str) -> None:
        path = self._path(model, batch)
        with self._lock:
            self._close(path)
            try:
                for name in ("", *SIDE_FILES):
                    Path(f"{path}{name}").unlink(missing_ok=True)
            except OSError as error:
                raise DiskError(path, error) from error

    def close(self) -> None:
        """Close what is open; a later call opens it again."""
        with self._lock:
            for path in list(self._opened):
                self._close(path)

    def _path(self, model: str, batch: str) -> Path:
        return self.folder / check_key(f"{model}/{batch}.sqlite")

    def _connection(self, path: Path) -> sqlite3.Connection | None:
        """The open connection to a file that is there; None if there is none."""
        try:
            number = os.stat(path).st_ino
        except (FileNotFoundError, NotADirectoryError):
            self._close(path)
            return None
        opened = self._opened.get(path)
        if opened is None or opened.number != number:
            self._close(path)
            opened = self._opened[path] = _Opened(_connected(path), number)
        return opened.connection

    def _created(self, path: Path) -> sqlite3.Connection:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = _connected(path)
        self._opened[path] = _Opened(connection, os.stat(path).st_ino)
        return connection

    def _close(self, path: Path) -> None:
        opened = self._opened.pop(path, None)
        if opened is not None:
            opened.connection.close()


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            # readers then never wait for writers; the change itself does not wait for other processes that make it
            connection.execute("PRAGMA journal_mode = WAL")
            # a power cut may lose the last writes, whose shards then have no marker, and leaves the file whole
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(TABLE)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                connection.close()
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            return connection


def _asked(connection: sqlite3.Connection, ids: Sequence[str]) -> Iterator[StoredPrediction]:
    places = ",".join("?" * len(ids))
    found: Iterator[Row] = connection.execute(f"SELECT id, line, body FROM predictions WHERE id IN ({places})", ids)  # noqa: S608
    for key, line, body in found:
        prediction, warnings = orjson.loads(body)
        yield StoredPrediction(key, line, prediction, tuple(warnings))


@contextmanager
def _on_database(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DiskError(path, error) from error
    except sqlite3.Error as error:
        raise StorageError(f"{path}: {error}") from error
