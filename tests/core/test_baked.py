"""Versions that come with a model's folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from functions.core.baked import bake, has_baked, import_baked
from functions.core.errors import DamagedVersionError
from functions.core.local_storage import LocalStorage
from functions.core.manifest import Manifest
from functions.core.registry import Registry

Publish = Callable[..., Manifest]


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


def test_it_serves_where_nothing_else_does(registry: Registry, folder: Path) -> None:
    imported = import_baked(registry, "churn", folder)
    assert imported.version == 1
    production = registry.pointer("churn").production
    assert production is not None
    assert (production.version, production.actor) == (1, "baked")
    for name in imported.artifacts:
        assert registry.artifact(imported, name) == (folder / "baked" / name).read_bytes()


def test_what_serves_already_stays(registry: Registry, folder: Path, publish: Publish) -> None:
    registry.promote_now("churn", publish(registry, leave=0.5).version, actor="me", pinned=False)
    assert import_baked(registry, "churn", folder).version == 2
    production = registry.pointer("churn").production
    assert production is not None
    assert production.version == 1


def test_it_is_imported_once(registry: Registry, folder: Path) -> None:
    assert [import_baked(registry, "churn", folder).version for _ in range(3)] == [1, 1, 1]
    assert registry.versions("churn") == [1]


@pytest.mark.parametrize("name", ["model.onnx", "manifest.json"])
def test_a_damaged_file_is_named_and_nothing_is_published(registry: Registry, folder: Path, name: str) -> None:
    (folder / "baked" / name).write_bytes(b"{")
    with pytest.raises(DamagedVersionError, match=name):
        import_baked(registry, "churn", folder)
    assert registry.versions("churn") == []


def test_a_missing_file_is_named(registry: Registry, folder: Path) -> None:
    (folder / "baked" / "model.onnx").unlink()
    with pytest.raises(DamagedVersionError, match=r"model\.onnx cannot be read"):
        import_baked(registry, "churn", folder)


def test_the_version_of_another_model_is_refused(registry: Registry, folder: Path) -> None:
    with pytest.raises(DamagedVersionError, match="is a version of churn, not of flats"):
        import_baked(registry, "flats", folder)
