"""A file system of the test's own, that can be filled and made read-only."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from functions.core.local_storage import LocalStorage

SIZE_BYTES = 6_000_000
BALLAST = "ballast"


@dataclass(frozen=True, slots=True)
class Disk:
    """The options of the mount at `path`."""

    path: Path

    def fill(self, *, leave_bytes: int = 0) -> None:
        """Take all space but the last `leave_bytes`, in blocks as the file system counts them."""
        with (self.path / BALLAST).open("wb", buffering=0) as ballast:
            with suppress(OSError):
                while ballast.write(b"\0" * 65536):
                    pass
            ballast.truncate(max(0, ballast.tell() - leave_bytes))

    def free(self) -> None:
        (self.path / BALLAST).unlink()

    def make_read_only(self) -> None:
        _run("mount", "-o", "remount,ro", str(self.path))

    def make_writable(self) -> None:
        _run("mount", "-o", "remount,rw", str(self.path))


@pytest.fixture
def damaged_graphs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that keeps other bytes of a graph than it was given, and does not notice."""
    create = LocalStorage.create

    def damaging(storage: LocalStorage, key: str, body: bytes) -> str:
        return create(storage, key, body[:-1] + b"?" if key.endswith("/model.onnx") else body)

    monkeypatch.setattr(LocalStorage, "create", damaging)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A small, empty disk. Only root may mount one: without it the test is skipped."""
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("SKIPPED: a disk of its own is mounted on Linux by root alone")
    path = tmp_path / "disk"
    path.mkdir()
    try:
        _run("mount", "-t", "tmpfs", "-o", f"size={SIZE_BYTES}", "tmpfs", str(path))
    except subprocess.CalledProcessError as error:
        pytest.skip(f"SKIPPED: this machine lets nobody mount a disk: {error.stderr}")
    yield Disk(path)
    _run("umount", "--lazy", str(path))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)
