"""The contract of Storage, on a folder and on S3."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.core.errors import ObjectNotFoundError, PreconditionFailedError, StorageError
from functions.core.storage import Storage, is_object

WRITERS = 16
ROUNDS = 4
NO_KEYS = ["", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b", "a\\b", "a\0b", "a\nb", "a\tb", "a\x7fb"]


def test_what_was_written_is_read_with_the_etag_of_the_write(storage: Storage) -> None:
    etag = storage.write("models/x/production.json", b"\x00one")
    found = storage.read("models/x/production.json")
    assert (found.body, found.etag) == (b"\x00one", etag)


def test_a_storage_goes_to_another_process(storage: Storage) -> None:
    storage.write("models/x", b"one")
    assert pickle.loads(pickle.dumps(storage)).read("models/x").body == b"one"  # noqa: S301


@pytest.mark.parametrize(
    ("start", "end", "body"),
    [(0, 3, b"012"), (3, 3, b""), (7, 100, b"789"), (10, 20, b""), (50, 60, b""), (0, 10**9, None)],
)
def test_a_range_is_as_much_of_it_as_there_is(storage: Storage, start: int, end: int, body: bytes | None) -> None:
    storage.write("digits", b"0123456789")
    assert storage.read_range("digits", start, end) == (b"0123456789" if body is None else body)


def test_a_revision_is_another_one_after_each_write_of_something_else(storage: Storage) -> None:
    found = []
    for body in (b"one", b"two", b"three"):
        storage.write("rows", body)
        found.append(storage.revision("rows"))
        assert storage.revision("rows") == found[-1]
    assert len(set(found)) == 3


def test_a_range_of_no_object_says_that_it_is_missing(storage: Storage) -> None:
    with pytest.raises(ObjectNotFoundError):
        storage.read_range("none", 0, 10)


def test_an_empty_object_is_an_object(storage: Storage) -> None:
    storage.create("empty", b"")
    assert storage.read("empty").body == b""
    assert storage.size_bytes("empty") == 0


@pytest.mark.parametrize("key", ["none", "folder", "file/below", "a" * 2000])
def test_reading_what_is_no_object_says_that_it_is_missing(storage: Storage, key: str) -> None:
    storage.write("folder/inside", b"1")
    storage.write("file", b"1")
    reads: list[Callable[[], object]] = [
        lambda: storage.read(key),
        lambda: storage.size_bytes(key),
        lambda: storage.revision(key),
        lambda: storage.read_if_changed(key, '"0"'),
    ]
    for read in reads:
        with pytest.raises(ObjectNotFoundError) as caught:
            read()
        assert caught.value.key == key


def test_size_is_in_bytes(storage: Storage) -> None:
    storage.write("k", "ñ".encode() * 1000)
    assert storage.size_bytes("k") == 2000


def test_read_if_changed_is_none_until_the_content_changes(storage: Storage) -> None:
    etag = storage.write("k", b"1")
    assert storage.read_if_changed("k", etag) is None
    changed = storage.write("k", b"2")
    found = storage.read_if_changed("k", etag)
    assert found is not None
    assert (found.body, found.etag) == (b"2", changed)
    assert changed != etag


def test_create_writes_where_nothing_stands(storage: Storage) -> None:
    etag = storage.create("k", b"1")
    assert storage.read("k").etag == etag


def test_create_refuses_where_something_stands(storage: Storage) -> None:
    storage.create("k", b"1")
    with pytest.raises(PreconditionFailedError):
        storage.create("k", b"2")
    assert storage.read("k").body == b"1"


def test_create_refuses_even_the_same_content(storage: Storage) -> None:
    storage.create("k", b"1")
    with pytest.raises(PreconditionFailedError):
        storage.create("k", b"1")


def test_replace_writes_over_the_content_that_it_knows(storage: Storage) -> None:
    etag = storage.replace("k", b"2", storage.create("k", b"1"))
    found = storage.read("k")
    assert (found.body, found.etag) == (b"2", etag)


def test_replace_refuses_over_changed_content(storage: Storage) -> None:
    stale = storage.create("k", b"1")
    storage.write("k", b"2")
    with pytest.raises(PreconditionFailedError):
        storage.replace("k", b"3", stale)
    assert storage.read("k").body == b"2"


def test_replace_refuses_where_nothing_stands(storage: Storage) -> None:
    etag = storage.create("k", b"1")
    storage.delete("k")
    with pytest.raises(PreconditionFailedError):
        storage.replace("k", b"2", etag)
    assert storage.children("") == []


def test_one_of_many_creators_wins(storage: Storage) -> None:
    for round_number in range(ROUNDS):
        key = f"race/{round_number}"
        winners = _race(lambda writer, key=key: storage.create(key, _content(writer)))  # type: ignore[misc]
        assert len(winners) == 1
        assert storage.read(key).body == _content(winners[0])


def test_one_of_many_replacers_wins(storage: Storage) -> None:
    etag = storage.create("race", b"first")
    for _ in range(ROUNDS):
        winners = _race(lambda writer, etag=etag: storage.replace("race", _content(writer), etag))  # type: ignore[misc]
        assert len(winners) == 1
        found = storage.read("race")
        assert found.body == _content(winners[0])
        etag = storage.replace("race", b"between", found.etag)


def test_readers_never_see_half_an_object(storage: Storage) -> None:
    bodies = {letter * 300_000 for letter in (b"a", b"b")}
    storage.write("k", b"a" * 300_000)
    with ThreadPoolExecutor(4) as pool:
        writes = [pool.submit(storage.write, "k", body) for body in [*bodies] * 5]
        reads = [pool.submit(storage.read, "k") for _ in range(20)]
        assert {read.result().body for read in reads} <= bodies
        for write in writes:
            write.result()


def test_children_are_the_names_directly_below(storage: Storage) -> None:
    for key in ("models/b/1", "models/b/2/x", "models/a.json", "models/b-2", "model", "data/1"):
        storage.write(key, b"1")
    assert storage.children("models") == ["a.json", "b", "b-2"]
    assert storage.children("models/b") == ["1", "2"]
    assert storage.children("") == ["data", "model", "models"]


@pytest.mark.parametrize("prefix", ["none", "mod", "models/a"])
def test_no_folder_has_no_children(storage: Storage, prefix: str) -> None:
    storage.write("models/a", b"1")
    assert storage.children(prefix) == storage.keys(prefix) == []


def test_keys_are_those_of_all_objects_below(storage: Storage) -> None:
    written = ["data/1", "model", "models/a.json", "models/b-2", "models/b/1", "models/b/2/año 1+1", "models/b/2/x"]
    for key in reversed(written):
        storage.write(key, b"1")
    assert storage.keys("models") == written[2:]
    assert storage.keys("models/b/2") == written[5:]
    assert storage.keys("") == written


def test_names_with_spaces_accents_and_signs_come_back_as_they_were(storage: Storage) -> None:
    names = ["año 2026 + más.csv", "a&b=c%20d", "日本"]
    for name in names:
        storage.write(f"uploads/{name}", name.encode())
    assert storage.children("uploads") == sorted(names)
    assert [storage.read(f"uploads/{name}").body for name in names] == [name.encode() for name in names]


def test_hidden_names_are_no_children(storage: Storage) -> None:
    storage.write("folder/.hidden", b"1")
    storage.write("folder/.below/it", b"1")
    assert storage.children("folder") == storage.keys("folder") == []


def test_a_folder_goes_with_its_last_object(storage: Storage) -> None:
    for key in ("a/b/one", "a/b/two", "a/c"):
        storage.write(key, b"")
    storage.delete("a/b/one")
    assert storage.children("a") == ["b", "c"]
    storage.delete("a/b/two")
    assert storage.children("a") == ["c"]


def test_deleted_is_missing_and_may_be_deleted_again(storage: Storage) -> None:
    storage.write("folder/k", b"1")
    for key in ("folder/k", "folder/k", "none/k", "folder"):
        storage.delete(key)
    with pytest.raises(ObjectNotFoundError):
        storage.read("folder/k")


@pytest.mark.parametrize("key", NO_KEYS)
def test_keys_that_could_leave_the_storage_are_refused(storage: Storage, key: str) -> None:
    calls: list[Callable[[], object]] = [
        lambda: storage.read(key),
        lambda: storage.size_bytes(key),
        lambda: storage.write(key, b"1"),
        lambda: storage.create(key, b"1"),
        lambda: storage.replace(key, b"1", "etag"),
        lambda: storage.delete(key),
    ]
    for call in calls:
        with pytest.raises(StorageError, match="is no key"):
            call()


def _content(writer: int) -> bytes:
    return bytes([writer]) * 50_000


def _race(write: Callable[[int], object]) -> list[int]:
    """The writers that won when all of them wrote at once."""
    start = threading.Barrier(WRITERS)

    def run(writer: int) -> int | None:
        start.wait()
        try:
            write(writer)
        except PreconditionFailedError:
            return None
        return writer

    with ThreadPoolExecutor(WRITERS) as pool:
        outcomes = list(pool.map(run, range(WRITERS)))
    return [writer for writer in outcomes if writer is not None]


def test_an_object_is_there_or_not_and_a_folder_is_none(storage: Storage) -> None:
    storage.write("a/b", b"")
    assert is_object(storage, "a/b")
    assert not is_object(storage, "a")
    assert not is_object(storage, "a/c")


def test_a_copy_has_the_content_of_that_moment_and_takes_the_place_of_another(storage: Storage) -> None:
    storage.write("a/source", b"one")
    storage.write("b/target", b"before")
    storage.copy("a/source", "b/target")
    storage.write("a/source", b"two")
    assert storage.read("b/target").body == b"one"
    with pytest.raises(ObjectNotFoundError):
        storage.copy("none", "b/other")
    assert storage.keys("b") == ["b/target"]


def test_a_range_is_cut_at_the_end_of_the_object(storage: Storage) -> None:
    storage.write("k", b"0123456789")
    assert storage.read_range("k", 2, 5) == b"234"
    assert storage.read_range("k", 8, 100) == b"89"
    assert storage.read_range("k", 10, 20) == storage.read_range("k", 5, 5) == b""
    with pytest.raises(ObjectNotFoundError):
        storage.read_range("none", 0, 1)
