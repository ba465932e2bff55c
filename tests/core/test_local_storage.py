"""A folder as storage: refusals of the disk, things in the way, locks, and writes that are interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from functions.core import local_storage
from functions.core.errors import DiskError, ObjectNotFoundError, StorageError
from functions.core.local_storage import LocalStorage, remove_leftovers
from tests.disks import Disk
from tests.sharing_violations import in_use

BIG = b"x" * 300_000
HOLDING = """
import sys
from pathlib import Path
from functions.core.local_storage import LocalStorage
with LocalStorage(Path(sys.argv[1]))._locked("k"):
    print("held", flush=True)
    sys.stdin.read()
"""
WRITING = """
import sys
from pathlib import Path
from functions.core.local_storage import LocalStorage
storage = LocalStorage(Path(sys.argv[1]))
for number in range(1, int(sys.argv[2]) + 1):
    storage.write("k", b"%09d" % number)
    print("%09d" % number, end="", flush=True)
"""
WRITES = 3000


def every_write(storage: LocalStorage, etag: str) -> list[Callable[[], object]]:
    return [
        lambda: storage.write("folder/k", BIG),
        lambda: storage.write("new/k", BIG),
        lambda: storage.create("folder/new", BIG),
        lambda: storage.replace("folder/k", BIG, etag),
    ]


def files(root: Path) -> set[str]:
    return {path.name for path in root.rglob("*") if path.is_file() and path.suffix != ".lock"}


def test_a_full_disk_is_reported_with_the_path_and_changes_no_object(disk: Disk) -> None:
    storage = LocalStorage(disk.path / "objects")
    etag = storage.write("folder/k", b"old")
    before = files(storage.root)
    disk.fill()
    for write in every_write(storage, etag):
        with pytest.raises(DiskError, match=r"/objects/\S+: No space left on device: free some space"):
            write()
    assert storage.read("folder/k").body == b"old"
    assert files(storage.root) == before
    disk.free()
    for write in every_write(storage, etag)[:3]:
        write()
    assert storage.read("folder/new").body == BIG


def test_a_read_only_disk_is_read_and_says_so_to_every_write(disk: Disk) -> None:
    storage = LocalStorage(disk.path / "objects")
    etag = storage.write("folder/k", b"old")
    disk.make_read_only()
    for write in [*every_write(storage, etag), lambda: storage.delete("folder/k")]:
        with pytest.raises(DiskError, match=r"/objects/\S+: Read-only file system: make it writable"):
            write()
    assert (storage.read("folder/k").body, storage.size_bytes("folder/k")) == (b"old", 3)
    assert storage.children("") == ["folder"]
    disk.make_writable()
    storage.delete("folder/k")
    assert storage.children("") == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="SKIPPED: root may write everywhere")
def test_a_folder_without_permission_is_reported(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    storage.write("folder/k", b"old")
    (tmp_path / "folder").chmod(0o555)
    try:
        with pytest.raises(DiskError, match=r"folder/k: Permission denied: let this user read and write it"):
            storage.write("folder/k", b"new")
    finally:
        (tmp_path / "folder").chmod(0o755)


def test_a_folder_in_place_of_an_object_is_missing_for_readers_and_an_error_for_writers(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    (tmp_path / "folder" / "k").mkdir(parents=True)
    with pytest.raises(ObjectNotFoundError):
        storage.read("folder/k")
    for write in (storage.write, storage.create):
        with pytest.raises(DiskError, match=r"folder/k: "):
            write("folder/k", b"1")
    assert files(tmp_path) == set()


def test_a_file_in_place_of_a_folder_has_no_children_and_is_an_error_for_writers(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    storage.write("folder", b"a file")
    assert storage.children("folder") == []
    with pytest.raises(DiskError, match=r"a file is in the place of a folder: move it away"):
        storage.create("folder/k", b"1")
    assert storage.read("folder").body == b"a file"


def test_files_that_are_open_elsewhere_on_windows_are_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = LocalStorage(tmp_path)
    storage.write("folder/k", b"old")
    refused: list[str] = []

    def once_in_use(owner: object, name: str) -> None:
        original = getattr(owner, name)

        def call(*arguments: Any, **options: Any) -> Any:
            if name not in refused:
                refused.append(name)
                raise in_use(arguments[0])
            return original(*arguments, **options)

        monkeypatch.setattr(owner, name, call)

    for owner, name in ((os, "replace"), (Path, "open"), (Path, "unlink")):
        once_in_use(owner, name)
    storage.write("folder/k", b"new")
    assert storage.read("folder/k").body == b"new"
    refused.remove("open")
    assert storage.read_range("folder/k", 0, 2) == b"ne"
    storage.delete("folder/k")
    assert sorted(refused) == ["open", "replace", "unlink"]
    assert storage.children("") == []


@pytest.mark.parametrize(
    "key", ["a:b.csv", "folder /k", "folder./k", "k.", "uploads/con", "NUL.csv", "Com1/x", "what?", "a|b", 'a"b', "a*"]
)
def test_what_can_be_no_file_of_windows_is_refused_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setattr(local_storage, "ON_WINDOWS", True)
    with pytest.raises(StorageError, match="can be no file of Windows"):
        LocalStorage(tmp_path).write(key, b"1")
    assert files(tmp_path) == set()


@pytest.mark.parametrize("key", ["console.csv", "folder/icon", "a.b/c d.csv", ".k", "año 2026 + (enero).csv", "com10"])
def test_other_names_are_files_of_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setattr(local_storage, "ON_WINDOWS", True)
    LocalStorage(tmp_path).write(key, b"1")
    assert LocalStorage(tmp_path).read(key).body == b"1"


@pytest.mark.skipif(os.name == "nt", reason="SKIPPED: Windows lets not everybody make links")
def test_links_that_lead_nowhere_hold_nothing_and_are_written_over(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    for name, target in (("loop", "loop"), ("dangling", "nowhere")):
        (tmp_path / name).symlink_to(tmp_path / target)
        assert storage.children(name) == []
        with pytest.raises(ObjectNotFoundError):
            storage.read(name)
        with pytest.raises(ObjectNotFoundError):
            storage.size_bytes(name)
        storage.delete(name)
        storage.create(name, b"1")
        assert storage.read(name).body == b"1"


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="SKIPPED: this platform stops no processes")
def test_the_lock_of_a_sleeping_process_is_reported_after_a_while(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_storage, "LOCK_SECONDS", 0.2)
    storage = LocalStorage(tmp_path)
    storage.write("k", b"old")
    command = [sys.executable, "-c", HOLDING, str(tmp_path)]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        holder.send_signal(signal.SIGSTOP)
        try:
            with pytest.raises(StorageError, match=r"\.lock is held by another process"):
                storage.write("k", b"new")
            assert storage.read("k").body == b"old"
        finally:
            holder.kill()
    storage.write("k", b"new")
    assert storage.read("k").body == b"new"


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_an_interrupted_write_leaves_the_old_object_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    storage = LocalStorage(tmp_path)
    storage.write("folder/k", b"old")

    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, moment, power_cut)
    with pytest.raises(KeyboardInterrupt):
        storage.write("folder/k", b"new")
    with pytest.raises(KeyboardInterrupt):
        storage.create("folder/other", b"new")
    monkeypatch.undo()
    assert storage.read("folder/k").body == b"old"
    assert os.listdir(tmp_path / "folder") == ["k"]


def test_a_file_left_by_a_killed_process_is_no_object(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    storage.write("folder/k", b"1")
    (tmp_path / "folder" / ".other.tmp123").write_bytes(b"half")
    assert storage.children("folder") == ["k"]
    assert storage.create("folder/other", b"2")


def test_a_file_that_is_being_written_is_known_as_a_leftover_once_it_is_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = LocalStorage(tmp_path)

    def killed(*_: object) -> None:
        [partial] = (tmp_path / "folder").iterdir()
        os.utime(partial, (1e9, 1e9))
        assert remove_leftovers(tmp_path) == 1

    monkeypatch.setattr(os, "fsync", killed)
    with pytest.raises(DiskError):
        storage.write("folder/k", b"new")
    assert remove_leftovers(tmp_path) == 0


def test_a_write_of_another_process_is_seen_once_it_has_returned_however_fast_they_follow(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    known = storage.read_if_changed("k", "") if storage.write("k", b"%09d" % 0) else None
    assert known is not None
    asked = seen = 0
    with subprocess.Popen(
        [sys.executable, "-c", WRITING, str(tmp_path), str(WRITES)], stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        while written := writer.stdout.read1(900_000):  # type: ignore[attr-defined]
            for _ in range(3):  # the second question finds what the first one left
                changed = storage.read_if_changed("k", known.etag)
                asked, seen, known = asked + 1, seen + (changed is not None), changed or known
                assert int(known.body) >= int(written[-9:])
    assert (int(known.body), writer.returncode) == (WRITES, 0)
    assert asked > seen > 100


def test_a_file_edited_in_place_is_seen_though_its_size_and_its_time_stay(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    etag = storage.write("k", b'{"version":1}')
    assert storage.read_if_changed("k", etag) is storage.read_if_changed("k", etag) is None
    times = (tmp_path / "k").stat()
    with (tmp_path / "k").open("r+b") as file:
        file.write(b'{"version":2}')
    os.utime(tmp_path / "k", ns=(times.st_atime_ns, times.st_mtime_ns))
    changed = storage.read_if_changed("k", etag)
    assert changed is not None
    assert changed.body == b'{"version":2}'
    assert storage.read_if_changed("k", changed.etag) is None


@pytest.mark.parametrize("end", [b"", b"2", b"12"])
def test_a_file_that_was_cut_or_grew_is_seen(tmp_path: Path, end: bytes) -> None:
    storage = LocalStorage(tmp_path)
    etag = storage.write("k", b"a1")
    assert storage.read_if_changed("k", etag) is storage.read_if_changed("k", etag) is None
    (tmp_path / "k").write_bytes(b"a" + end)
    assert storage.read_if_changed("k", etag) == storage.read("k")


def test_an_object_that_was_deleted_after_a_question_is_missing(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    etag = storage.write("k", b"1")
    assert storage.read_if_changed("k", etag) is storage.read_if_changed("k", etag) is None
    storage.delete("k")
    with pytest.raises(ObjectNotFoundError):
        storage.read_if_changed("k", etag)


def test_an_object_too_long_to_remember_is_compared_by_its_digest(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    etag = storage.write("k", BIG)
    assert storage.read_if_changed("k", etag) is storage.read_if_changed("k", etag) is None
    assert storage._asked == {}
    storage.write("k", BIG[1:] + b"y")
    assert storage.read_if_changed("k", etag) is not None
