"""Predictions in SQLite, whose contract is in tests/core: many processes at once, removed and damaged files."""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from functions.core.errors import DiskError, StorageError
from functions.core.lookups import StoredPrediction
from functions.local.prediction_database import PredictionDatabase

BATCH = "a" * 32
PROCESSES, ROUNDS, ROWS = 4, 5, 500


@pytest.fixture
def database(tmp_path: Path) -> Iterator[PredictionDatabase]:
    with closing(PredictionDatabase(tmp_path / "predictions")) as opened:
        yield opened


def ids_of(writer: int) -> list[str]:
    return [f"{writer}-{number}" for number in range(ROUNDS * ROWS)]


def write(database: PredictionDatabase, writer: int) -> None:
    ids = ids_of(writer)
    for start in range(0, len(ids), ROWS):
        database.write("churn", BATCH, [StoredPrediction(one, 2, float(writer)) for one in ids[start : start + ROWS]])


def test_many_processes_write_at_once_and_nothing_is_lost(database: PredictionDatabase) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write, args=(database, writer)) for writer in range(PROCESSES)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * PROCESSES
    for number in range(PROCESSES):
        found = database.read("churn", BATCH, ids_of(number))
        assert len(found) == ROUNDS * ROWS
        assert {one.prediction for one in found.values()} == {float(number)}


def test_it_goes_to_another_process_by_its_path(database: PredictionDatabase) -> None:
    write(database, 1)
    copy = pickle.loads(pickle.dumps(database))  # noqa: S301
    assert copy.folder == database.folder
    with closing(copy):
        assert len(copy.read("churn", BATCH, ids_of(1))) == ROUNDS * ROWS
    assert str(copy) == str(database.folder)


def test_a_batch_that_another_process_removed_is_not_read_from_an_open_file(database: PredictionDatabase) -> None:
    with closing(PredictionDatabase(database.folder)) as other:
        write(database, 1)
        assert database.read("churn", BATCH, ["1-0"])
        other.delete("churn", BATCH)
        assert database.read("churn", BATCH, ["1-0"]) == {}
        write(other, 2)
        assert list(database.read("churn", BATCH, ["1-0", "2-0"])) == ["2-0"]
    assert list((database.folder / "churn").glob("*.sqlite")) == [database.folder / "churn" / f"{BATCH}.sqlite"]


def test_reading_makes_no_file(database: PredictionDatabase) -> None:
    assert database.read("churn", BATCH, ["1"]) == {}
    assert not database.folder.exists()


def test_a_closed_database_opens_again(database: PredictionDatabase) -> None:
    write(database, 1)
    database.close()
    assert not list((database.folder / "churn").glob("*-wal"))
    assert database.read("churn", BATCH, ["1-0"])["1-0"].prediction == 1.0


def test_a_file_that_is_no_database_is_named(database: PredictionDatabase) -> None:
    path = database.folder / "churn" / f"{BATCH}.sqlite"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(StorageError, match="churn"):
        database.read("churn", BATCH, ["1"])


def test_a_folder_that_cannot_be_made_is_named(database: PredictionDatabase) -> None:
    database.folder.write_bytes(b"")
    with pytest.raises(DiskError, match="predictions"):
        write(database, 1)


@pytest.mark.parametrize(("model", "batch"), [("..", "x"), ("a/..", "x"), ("a", "../x"), ("", "x")])
def test_no_name_leads_out_of_the_folder(database: PredictionDatabase, model: str, batch: str) -> None:
    with pytest.raises(StorageError, match="no key"):
        database.read(model, batch, ["1"])
