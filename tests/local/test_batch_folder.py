"""The folder of a batch of the command line: what goes on, what starts again, and the joined results."""

from __future__ import annotations

import gzip
import os
from dataclasses import replace
from pathlib import Path

import pytest

from functions.core.batch_record import Batch, BatchResult
from functions.core.errors import DiskError, InvalidInputError
from functions.local.batch_folder import ERRORS, WORK, BatchFolder, FolderRequest


@pytest.fixture
def request_of(tmp_path: Path) -> FolderRequest:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"a\n1\n")
    return FolderRequest("churn", path, "jsonl")


@pytest.fixture
def folder(tmp_path: Path) -> BatchFolder:
    return BatchFolder(tmp_path / "out")


def result_of(folder: BatchFolder, batch: Batch, parts: list[bytes], errors: list[bytes]) -> BatchResult:
    names = (
        [f"out/{number}.gz" for number in range(len(parts))],
        [f"errors/{number}.gz" for number in range(len(errors))],
    )
    for name, body in zip([*names[0], *names[1]], [*parts, *errors], strict=True):
        folder.storage.write(name, gzip.compress(body))
    return BatchResult("succeeded", batch.created, 2, 1, 0.1, parts=tuple(names[0]), errors=tuple(names[1]))


def test_an_equal_request_for_an_unchanged_file_is_the_same_batch(
    folder: BatchFolder, request_of: FolderRequest
) -> None:
    first = folder.batch(request_of, "ana")
    assert folder.storage.read(first.input).body == b"a\n1\n"
    assert folder.batch(request_of, "eva").batch == first.batch
    for other in ({"output": "csv"}, {"version": 2}, {"id": "x"}, {"keep_columns": True}, {"model": "car-price"}):
        assert folder.batch(replace(request_of, **other), "ana").batch != first.batch  # type: ignore[arg-type]
    os.utime(request_of.file, ns=(1, 1))
    assert folder.batch(request_of, "ana").batch != first.batch


def test_the_kind_of_the_file_is_kept_in_its_key(
    folder: BatchFolder, request_of: FolderRequest, tmp_path: Path
) -> None:
    odd = tmp_path / "a b: ñ.2026.JSONL"
    odd.write_bytes(b"{}")
    assert folder.batch(replace(request_of, file=odd), "ana").input.endswith("/rows.2026.jsonl")


def test_parts_are_joined_in_order_and_the_rest_is_forgotten(folder: BatchFolder, request_of: FolderRequest) -> None:
    batch = folder.batch(request_of, "ana")
    predictions, errors = folder.join(batch, result_of(folder, batch, [b"1\n", b"2\n"], [b"3\n"]))
    assert predictions.read_bytes() == b"1\n2\n"
    assert errors is not None
    assert errors.read_bytes() == b"3\n"
    assert sorted(one.name for one in folder.root.iterdir()) == ["errors.jsonl", "predictions.jsonl"]


def test_errors_of_another_time_do_not_stay(folder: BatchFolder, request_of: FolderRequest) -> None:
    batch = folder.batch(replace(request_of, output="csv"), "ana")
    (folder.root / ERRORS).write_bytes(b"old")
    predictions, errors = folder.join(batch, result_of(folder, batch, [b"1\n"], []))
    assert (predictions.name, errors, (folder.root / ERRORS).exists()) == ("predictions.csv", None, False)


def test_a_file_that_is_not_there_is_named(folder: BatchFolder, request_of: FolderRequest) -> None:
    with pytest.raises(InvalidInputError, match=r"none\.csv"):
        folder.batch(replace(request_of, file=Path("none.csv")), "ana")
    assert not folder.root.exists()


def test_a_folder_that_cannot_be_written_is_named(
    folder: BatchFolder, request_of: FolderRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.root.write_bytes(b"")
    with pytest.raises(DiskError, match="out"):
        folder.batch(request_of, "ana")
    folder.root.unlink()
    batch = folder.batch(request_of, "ana")
    with pytest.raises(DiskError, match="out"):
        folder.join(batch, BatchResult("succeeded", batch.created, 1, 0, 0.1, parts=("none",)))


def test_where_no_link_can_be_made_the_file_is_copied(
    folder: BatchFolder, request_of: FolderRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(link: Path, target: Path) -> None:
        raise OSError("a required privilege is not held by the client")

    monkeypatch.setattr(Path, "symlink_to", refused)
    batch = folder.batch(request_of, "ana")
    assert not (folder.root / WORK / batch.input).is_symlink()
    assert folder.storage.read(batch.input).body == b"a\n1\n"
