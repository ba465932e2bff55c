"""Training rows in the folder of a version: their ids come along, and what was forgotten does not come back."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.core import training_data
from functions.core.errors import DamagedVersionError, ObjectNotFoundError
from functions.core.local_storage import LocalStorage
from functions.core.row_copies import RowCopy
from functions.core.row_ids import RowIds, store_ids, stored_ids
from functions.core.schema import Table

TABLE: Table = {"a": [1, 2]}
REST: Table = {"a": [2]}
IDS = RowIds("churn", "key", ("x", "y"))


@pytest.fixture
def source(tmp_path: Path) -> LocalStorage:
    return LocalStorage(tmp_path / "source")


@pytest.fixture
def target(tmp_path: Path) -> LocalStorage:
    return LocalStorage(tmp_path / "target")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def digest_in(storage: LocalStorage) -> str:
    """Store the table; returns its digest."""
    digest = training_data.store(storage, TABLE)
    store_ids(storage, digest, [IDS])
    return digest


def forget_first(storage: LocalStorage, digest: str) -> str:
    """Leave the second row only; returns the digest of the rest."""
    rest = training_data.store(storage, REST)
    store_ids(storage, rest, [IDS.kept([False, True])])
    training_data.note_forgotten(storage, digest, training_data.Forgotten("2026-01-01T00:00:00.000000Z", 1, rest))
    training_data.delete_rows(storage, digest)
    return rest


def moved(source: LocalStorage, target: LocalStorage, digest: str, folder: Path) -> None:
    """Bring the rows from one registry to another by a folder."""
    RowCopy.of_registry(source, digest).write_to(folder, digest)
    copy = RowCopy.of_folder(folder, digest)
    assert copy is not None
    copy.keep_in(target, digest)


def test_ids_come_along(source: LocalStorage, target: LocalStorage, folder: Path) -> None:
    digest = digest_in(source)
    moved(source, target, digest, folder)
    assert training_data.load(target, digest) == TABLE
    assert stored_ids(target, digest) == (IDS,)


def test_without_ids_there_is_the_table_alone(source: LocalStorage, target: LocalStorage, folder: Path) -> None:
    digest = training_data.store(source, TABLE)
    moved(source, target, digest, folder)
    assert [path.name for path in folder.iterdir()] == [digest]
    assert target.keys("data") == [f"data/{digest}"]


def test_the_rest_comes_under_the_digest_of_the_manifest(
    source: LocalStorage, target: LocalStorage, folder: Path
) -> None:
    digest = digest_in(source)
    rest = forget_first(source, digest)
    moved(source, target, digest, folder)
    assert training_data.load(target, digest) == REST
    assert stored_ids(target, rest) == (IDS.kept([False, True]),)
    assert not training_data.is_stored(target, digest)


def test_an_older_folder_brings_no_forgotten_row_back(source: LocalStorage, target: LocalStorage, folder: Path) -> None:
    digest = digest_in(source)
    RowCopy.of_registry(source, digest).write_to(folder, digest)
    forget_first(source, digest)
    before = source.keys("data")
    copy = RowCopy.of_folder(folder, digest)
    assert copy is not None
    copy.keep_in(source, digest)
    assert source.keys("data") == before


def test_a_folder_without_rows_has_none(source: LocalStorage, folder: Path) -> None:
    assert RowCopy.of_folder(folder, "a" * 64) is None
    with pytest.raises(ObjectNotFoundError):
        RowCopy.of_registry(source, "a" * 64)


def test_changed_rows_are_refused(source: LocalStorage, folder: Path) -> None:
    digest = digest_in(source)
    RowCopy.of_registry(source, digest).write_to(folder, digest)
    (folder / digest).write_bytes(b"{}")
    with pytest.raises(DamagedVersionError, match="differs from the sha256 in its name"):
        RowCopy.of_folder(folder, digest)


def test_a_damaged_record_is_named(source: LocalStorage, folder: Path) -> None:
    digest = digest_in(source)
    RowCopy.of_registry(source, digest).write_to(folder, digest)
    (folder / f"{digest}.ids.json").write_bytes(b"[")
    with pytest.raises(DamagedVersionError, match=r"\.ids\.json cannot be read"):
        RowCopy.of_folder(folder, digest)
