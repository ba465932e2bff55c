"""Published numbers with a note and without, on a folder and on S3: what is found, and what it costs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.errors import DiskError, PreconditionFailedError
from functions.core.published import (
    FEW,
    PublishedNote,
    claimed_numbers,
    forget_published,
    is_published,
    note_published,
    numeric_names,
    published_numbers,
)
from functions.core.storage import Storage
from tests.generated import examples

NOTE = "models/m/published.json"


def claim(storage: Storage, numbers: Sequence[int]) -> None:
    for number in numbers:
        storage.write(f"models/m/versions/{number}/claim.json", b"{}")


def fill(storage: Storage, numbers: Sequence[int]) -> None:
    claim(storage, numbers)
    for number in numbers:
        storage.write(f"models/m/versions/{number}/manifest.json", b"{}")


def runs(storage: Storage) -> object:
    return orjson.loads(storage.read(NOTE).body)["runs"]


@examples(100)
@given(published=st.sets(st.integers(1, 60)), claimed=st.sets(st.integers(1, 60)))
def test_a_note_knows_its_numbers_among_the_claimed(published: set[int], claimed: set[int]) -> None:
    note = PublishedNote.of(sorted(published))
    assert note.among(sorted(claimed)) == published & claimed
    assert all(before[1] + 1 < after[0] for before, after in zip(note.runs, note.runs[1:], strict=False))


def test_names_that_are_no_numbers_are_left_out() -> None:
    assert numeric_names(["10", "9", "007", "0", "-1", "1.5", "٣", "1e3", "published.json"]) == [9, 10]


def test_an_old_registry_without_a_note_has_its_versions(storage: Storage) -> None:
    fill(storage, [1, 2, 4, 11])
    claim(storage, [3, 12])
    assert claimed_numbers(storage, "m") == [1, 2, 3, 4, 11, 12]
    assert published_numbers(storage, "m") == [1, 2, 4, 11]
    assert published_numbers(storage, "other") == []


def test_an_old_registry_with_many_versions_has_them_as_well(storage: Storage) -> None:
    fill(storage, range(1, FEW + 2))
    claim(storage, [FEW + 2])
    storage.write(f"models/m/versions/{FEW + 2}/deep/manifest.json", b"{}")
    assert published_numbers(storage, "m") == list(range(1, FEW + 2))


def test_a_note_is_of_what_was_seen_and_grows(storage: Storage) -> None:
    fill(storage, [1, 2, 4])
    claim(storage, [3])
    note_published(storage, "m")
    assert runs(storage) == [[1, 2], [4, 4]]
    fill(storage, [3, 5])
    assert published_numbers(storage, "m") == [1, 2, 3, 4, 5]
    note_published(storage, "m")
    assert runs(storage) == [[1, 5]]


def test_a_version_that_is_published_long_after_its_claim_is_found(storage: Storage) -> None:
    claim(storage, [1])
    fill(storage, [2])
    note_published(storage, "m")
    fill(storage, [1])
    assert published_numbers(storage, "m") == [1, 2]


def test_a_version_whose_folder_is_gone_is_gone_and_leaves_the_note(storage: Storage) -> None:
    fill(storage, [1, 2])
    note_published(storage, "m")
    for name in ("claim", "manifest"):
        storage.delete(f"models/m/versions/1/{name}.json")
    assert published_numbers(storage, "m") == [2]
    note_published(storage, "m")
    assert runs(storage) == [[2, 2]]


@examples(100)
@given(numbers=st.sets(st.integers(1, 12)), gone=st.integers(1, 12))
def test_a_note_without_a_number_is_the_note_of_the_others(numbers: set[int], gone: int) -> None:
    assert PublishedNote.of(sorted(numbers)).without(gone) == PublishedNote.of(sorted(numbers - {gone}))


def test_a_number_is_forgotten_before_its_manifest_goes(storage: Storage) -> None:
    forget_published(storage, "m", 2)
    assert storage.keys("") == []
    fill(storage, [1, 2, 3])
    note_published(storage, "m")
    for _ in range(2):
        forget_published(storage, "m", 2)
        assert runs(storage) == [[1, 1], [3, 3]]
    assert published_numbers(storage, "m") == [1, 2, 3]
    storage.delete("models/m/versions/2/manifest.json")
    assert published_numbers(storage, "m") == [1, 3]


def test_a_note_that_changes_without_end_is_deleted_rather_than_wrong(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(storage, [1, 2])
    note_published(storage, "m")

    def refuse(key: str, body: bytes, etag: str) -> str:
        raise PreconditionFailedError(key)

    monkeypatch.setattr(storage, "replace", refuse)
    forget_published(storage, "m", 2)
    assert storage.children("models/m") == ["versions"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"runs": [[1]]}', b'{"runs": [["1", 2]]}', b"\xff"])
def test_a_damaged_note_is_named_and_made_again(
    storage: Storage, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    fill(storage, [1, 2])
    storage.write(NOTE, body)
    assert published_numbers(storage, "m") == [1, 2]
    assert f"{NOTE} cannot be read" in caplog.text
    note_published(storage, "m")
    assert runs(storage) == [[1, 2]]


@pytest.mark.parametrize("note", [[[9, 2]], [[1, 10**30]], [[-5, 2], [1, 1]]])
def test_a_note_with_numbers_that_nobody_claimed_adds_none(storage: Storage, note: object) -> None:
    fill(storage, [1, 2])
    storage.write(NOTE, json.dumps({"runs": note}).encode())
    assert published_numbers(storage, "m") == [1, 2]


def test_of_writers_at_once_none_is_lost(storage: Storage) -> None:
    def publish(number: int) -> None:
        fill(storage, [number])
        note_published(storage, "m")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(publish, range(1, 17)))
    assert published_numbers(storage, "m") == list(range(1, 17))
    note_published(storage, "m")
    assert runs(storage) == [[1, 16]]


def test_a_note_that_changed_meanwhile_is_left_to_the_other(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fill(storage, [1])

    def refuse(key: str, body: bytes) -> str:
        raise PreconditionFailedError(key)

    monkeypatch.setattr(storage, "create", refuse)
    note_published(storage, "m")
    assert "stays as it was" not in caplog.text


def test_a_note_that_cannot_be_written_is_logged(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fill(storage, [1])

    def refuse(key: str, body: bytes) -> str:
        raise DiskError("here", OSError(28, "No space left on device"))

    monkeypatch.setattr(storage, "create", refuse)
    note_published(storage, "m")
    assert "the note of published versions of m stays as it was: here: No space left on device" in caplog.text
    assert published_numbers(storage, "m") == [1]


def test_nothing_published_needs_no_note(storage: Storage) -> None:
    claim(storage, [1])
    note_published(storage, "m")
    assert storage.children("models/m") == ["versions"]


def test_a_version_is_published_once_it_has_a_manifest(storage: Storage) -> None:
    claim(storage, [1])
    assert not is_published(storage, "m", 1)
    fill(storage, [1])
    assert is_published(storage, "m", 1)
