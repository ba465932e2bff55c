"""Training rows on their way from one registry to another, in a folder of the version.

The folder has the table as the registry does, data/<sha256>, with the ids of its rows; if some were removed, the record
that leads from the digest in the manifest to the table without them.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import orjson

from functions.core import training_data
from functions.core.errors import DamagedRecordError, DamagedVersionError
from functions.core.files import read_required
from functions.core.records import read_record
from functions.core.row_ids import RowIds, store_ids, stored_ids
from functions.core.storage import Storage
from functions.core.training_data import FORGOTTEN, Forgotten

IDS = ".ids.json"
Kind = TypeVar("Kind")
Otherwise = TypeVar("Otherwise")


@dataclass(frozen=True, slots=True)
class RowCopy:
    """The encoded table of a version with the ids of its rows; `record` if it is not the one that was trained on."""

    body: bytes
    ids: tuple[RowIds, ...] = ()
    record: Forgotten | None = None

    @classmethod
    def of_registry(cls, storage: Storage, digest: str) -> RowCopy:
        """Raises ObjectNotFoundError, DamagedVersionError."""
        body = training_data.load_encoded(storage, digest)
        found = training_data.current(storage, digest)
        record = training_data.forgotten(storage, digest) if found != digest else None
        ids = stored_ids(storage, found)
        return cls(body, ids, record and Forgotten(record.time, record.rows, found))

    @classmethod
    def of_folder(cls, folder: Path, digest: str) -> RowCopy | None:
        """The rows in a folder; None if there are none. Raises DamagedVersionError."""
        record = _record(folder / f"{digest}{FORGOTTEN}", Forgotten, None)
        path = folder / (record.digest if record else digest)
        if not path.is_file():
            return None
        body = _read(path)
        if hashlib.sha256(body).hexdigest() != path.name:
            raise DamagedVersionError(f"{path} differs from the sha256 in its name: make the version again")
        return cls(body, _record(folder / f"{path.name}{IDS}", tuple[RowIds, ...], ()), record)

    def write_to(self, folder: Path, digest: str) -> None:
        """Write the rows into a folder."""
        folder.mkdir(exist_ok=True)
        if self.record is not None:
            (folder / f"{digest}{FORGOTTEN}").write_bytes(orjson.dumps(asdict(self.record)))
            digest = self.record.digest
        (folder / digest).write_bytes(self.body)
        if self.ids:
            (folder / f"{digest}{IDS}").write_bytes(orjson.dumps([asdict(part) for part in self.ids]))

    def keep_in(self, storage: Storage, digest: str) -> None:
        """Store the rows in a registry; none of a table from which that registry removed some."""
        if training_data.forgotten(storage, digest) is not None:
            return
        stored = training_data.store_encoded(storage, self.body)
        store_ids(storage, stored, self.ids)
        if self.record is not None and not training_data.is_stored(storage, digest):
            training_data.note_forgotten(storage, digest, self.record)


def _record(path: Path, kind: type[Kind], otherwise: Otherwise) -> Kind | Otherwise:
    if not path.is_file():
        return otherwise
    try:
        return read_record(_read(path), kind, str(path))
    except DamagedRecordError as error:
        raise DamagedVersionError(str(error)) from error


def _read(path: Path) -> bytes:
    return read_required(path, DamagedVersionError)
