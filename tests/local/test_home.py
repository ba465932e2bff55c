"""The home folder of a laptop."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from functions.core.errors import DiskError
from functions.local.home import Home
from tests.disks import Disk


def test_the_home_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESPLIEGUE_HOME", str(tmp_path / "here"))
    assert Home.from_environment().root == tmp_path / "here"


def test_without_an_environment_the_home_is_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DESPLIEGUE_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    assert Home.from_environment().root == tmp_path / ".despliegue"


def test_a_relative_home_stays_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESPLIEGUE_HOME", "state")
    monkeypatch.chdir(tmp_path)
    home = Home.from_environment()
    monkeypatch.chdir("/")
    assert home.root == tmp_path / "state"


def test_creating_a_home_makes_a_folder_to_drop_files_into_and_may_be_repeated(tmp_path: Path) -> None:
    home = Home(tmp_path / "new")
    for _ in range(2):
        home.create(["churn", "car-price"])
    assert sorted(path.name for path in (home.root / "uploads").iterdir()) == ["car-price", "churn"]


@pytest.mark.parametrize("part", ["registry", "uploads", "uploads/churn"])
def test_a_home_with_a_file_in_the_place_of_a_folder_is_refused(tmp_path: Path, part: str) -> None:
    path = tmp_path / part
    path.parent.mkdir(exist_ok=True)
    path.write_text("")
    with pytest.raises(DiskError, match=rf"{part}.*: a file is in the place of a folder"):
        Home(tmp_path).create(["churn"])


def test_a_home_on_a_read_only_disk_is_refused(disk: Disk) -> None:
    Home(disk.path).create(["churn"])
    disk.make_read_only()
    with pytest.raises(DiskError, match="Read-only file system"):
        Home(disk.path).create(["churn"])


def test_uploads_are_where_the_folders_are_and_apart_from_the_registry(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.create(["churn"])
    home.uploads.write("uploads/churn/rows.csv", b"rows")
    assert (tmp_path / "uploads/churn/rows.csv").read_bytes() == b"rows"
    assert home.registry.claim("churn") == 1
    assert (tmp_path / "registry/models/churn/versions/1/claim.json").is_file()


def test_creating_a_home_removes_what_killed_processes_left_half_written_and_nothing_else(tmp_path: Path) -> None:
    names = [".model.onnx.ab12cd34.part", ".DS_Store", "rows.part", ".hidden.csv"]
    folders = [tmp_path / "uploads/churn", tmp_path / "registry/models/churn/versions/1"]
    for folder in folders:
        folder.mkdir(parents=True)
        for name in names:
            (folder / name).write_bytes(b"half")
            os.utime(folder / name, (1e9, 1e9))
        (folder / ".manifest.json.ef56gh78.part").write_bytes(b"another server writes this now")
    Home(tmp_path).create(["churn"])
    for folder in folders:
        assert sorted(path.name for path in folder.iterdir()) == sorted([*names[1:], ".manifest.json.ef56gh78.part"])
