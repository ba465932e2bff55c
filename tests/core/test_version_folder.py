"""Versions that come with a model's folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from functions.core import training_data
from functions.core.errors import DamagedVersionError, UnsupportedFormatError
from functions.core.local_storage import LocalStorage
from functions.core.manifest import Artifact, Manifest, TrainingData
from functions.core.registry import Registry
from functions.core.storage import Storage
from functions.core.version_folder import (
    BAKED,
    UNDATED,
    bake,
    copy_version,
    has_baked,
    import_version,
    read_version,
    write_version,
)

Publish = Callable[..., Manifest]
TABLE = {"tenure": [1, 2], "churn": ["no", "yes"]}


@pytest.fixture
def folder(tmp_path: Path, publish: Publish) -> Path:
    """A model's folder with a version baked into it."""
    folder = tmp_path / "churn"
    folder.mkdir()
    elsewhere = Registry(LocalStorage(tmp_path / "elsewhere"))
    assert not has_baked(folder)
    bake(elsewhere, publish(elsewhere, version=7), folder)
    assert has_baked(folder)
    return folder


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(LocalStorage(tmp_path / "registry"))


def test_its_files_are_published_and_production_stays_as_it_is(registry: Registry, folder: Path) -> None:
    imported = import_version(registry, "churn", folder / BAKED)
    assert imported.version == 1
    assert registry.pointer("churn").production is None
    for name in imported.artifacts:
        assert registry.artifact(imported, name) == (folder / "baked" / name).read_bytes()


def test_it_is_imported_once(registry: Registry, folder: Path) -> None:
    assert [import_version(registry, "churn", folder / BAKED).version for _ in range(3)] == [1, 1, 1]
    assert registry.versions("churn") == [1]


@pytest.mark.parametrize("name", ["model.onnx", "manifest.json"])
def test_a_damaged_file_is_named_and_nothing_is_published(registry: Registry, folder: Path, name: str) -> None:
    (folder / "baked" / name).write_bytes(b"{")
    with pytest.raises(DamagedVersionError, match=name):
        import_version(registry, "churn", folder / BAKED)
    assert registry.versions("churn") == []


def test_a_missing_file_is_named(registry: Registry, folder: Path) -> None:
    (folder / "baked" / "model.onnx").unlink()
    with pytest.raises(DamagedVersionError, match=r"model\.onnx is missing"):
        import_version(registry, "churn", folder / BAKED)


def test_the_version_of_another_model_is_refused(registry: Registry, folder: Path) -> None:
    with pytest.raises(DamagedVersionError, match="is a version of churn, not of flats"):
        import_version(registry, "flats", folder / BAKED)


@pytest.fixture
def whole(tmp_path: Path, publish: Publish) -> Path:
    """A version of churn in a folder, undated, with the rows that it was trained on."""
    elsewhere = Registry(LocalStorage(tmp_path / "whole-registry"))
    graph = elsewhere.artifact(publish(elsewhere), "model.onnx")
    digest = training_data.store(elsewhere.storage, TABLE)
    undated = replace(
        elsewhere.manifest("churn", 1), version=2, created=UNDATED, data=TrainingData(digest, UNDATED, 1, 1, "replace")
    )
    write_version(
        elsewhere, elsewhere.publish(undated, {"model.onnx": graph, "model.joblib": b"x"}), tmp_path / "whole"
    )
    return tmp_path / "whole"


def test_a_version_comes_into_any_registry_with_its_rows(storage: Storage, whole: Path) -> None:
    registry = Registry(storage)
    imported = import_version(registry, "churn", whole)
    assert imported.version == 1
    assert registry.artifact(imported, "model.joblib") == b"x"
    assert imported.data is not None
    assert training_data.load(storage, imported.data.digest) == TABLE


def test_an_undated_version_gets_the_time_of_its_import(registry: Registry, whole: Path) -> None:
    imported = import_version(registry, "churn", whole)
    assert imported.data is not None
    assert imported.data.time == imported.created > UNDATED
    assert registry.manifest("churn", 1) == imported


def test_a_dated_version_keeps_its_time(registry: Registry, folder: Path) -> None:
    assert import_version(registry, "churn", folder / BAKED).created == read_version(folder / "baked", "churn").created


def test_a_version_that_is_known_under_another_number_and_time_is_not_imported(registry: Registry, whole: Path) -> None:
    first = import_version(registry, "churn", whole)
    assert import_version(registry, "churn", whole) == first
    assert registry.versions("churn") == [1]


def test_a_version_without_its_rows_is_imported_without_them(registry: Registry, whole: Path) -> None:
    (data,) = (whole / "data").iterdir()
    data.unlink()
    assert import_version(registry, "churn", whole).data is not None
    assert registry.storage.children("data") == []


def test_damaged_rows_are_named_and_nothing_is_published(registry: Registry, whole: Path) -> None:
    (data,) = (whole / "data").iterdir()
    data.write_bytes(b"{}")
    with pytest.raises(DamagedVersionError, match=f"{data.name} differs"):
        import_version(registry, "churn", whole)
    assert registry.storage.children("models/churn/versions") == []


def test_a_copy_is_the_same_files(whole: Path, tmp_path: Path) -> None:
    assert copy_version(whole, "churn", tmp_path / "copy") == read_version(whole, "churn")
    names = sorted(path.relative_to(whole) for path in whole.rglob("*") if path.is_file())
    assert names == sorted(
        path.relative_to(tmp_path / "copy") for path in (tmp_path / "copy").rglob("*") if path.is_file()
    )
    for name in names:
        assert (tmp_path / "copy" / name).read_bytes() == (whole / name).read_bytes()


@pytest.mark.parametrize("name", ["model.onnx", "model.joblib", "manifest.json"])
def test_a_damaged_file_is_not_copied(whole: Path, tmp_path: Path, name: str) -> None:
    (whole / name).write_bytes(b"{")
    with pytest.raises(DamagedVersionError, match=name):
        copy_version(whole, "churn", tmp_path / "copy")
    assert not (tmp_path / "copy" / "manifest.json").exists()


def test_a_file_name_that_leads_elsewhere_is_refused(registry: Registry, publish: Publish, tmp_path: Path) -> None:
    found = publish(registry)
    registry.storage.write("models/churn/evil", b"x")
    evil = replace(found, artifacts={"../evil": Artifact.of(b"x")})
    with pytest.raises(DamagedVersionError, match="no file name"):
        write_version(_Unchecked(registry.storage), evil, tmp_path / "folder")
    assert not (tmp_path / "evil").exists()


class _Unchecked(Registry):
    """A registry whose storage would give what lies under any name."""

    def artifact(self, manifest: Manifest, name: str) -> bytes:
        return b"x"


def test_a_version_of_a_newer_despliegue_is_refused(registry: Registry, whole: Path) -> None:
    path = whole / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"format_version": 1', b'"format_version": 99'))
    with pytest.raises(UnsupportedFormatError, match="install a newer one"):
        import_version(registry, "churn", whole)
