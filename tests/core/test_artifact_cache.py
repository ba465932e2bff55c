"""Files that came with the image: read from there, and never instead of what the registry says."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from functions.core.artifact_cache import ArtifactCache
from functions.core.errors import DamagedVersionError
from functions.core.manifest import Artifact, Manifest
from functions.core.registry import Registry
from functions.core.storage import Storage

GRAPH = "model.onnx"
KEY = "models/churn/versions/1/model.onnx"


@pytest.fixture
def manifest(storage: Storage, publish: Callable[..., Manifest]) -> Manifest:
    return publish(Registry(storage))


@pytest.fixture
def graph(storage: Storage, manifest: Manifest) -> bytes:
    return storage.read(KEY).body


@pytest.fixture
def folder(tmp_path: Path, manifest: Manifest, graph: bytes) -> Path:
    """A cache that holds the version's graph and nothing else."""
    folder = tmp_path / "artifacts"
    folder.mkdir()
    (folder / manifest.artifacts[GRAPH].sha256).write_bytes(graph)
    return folder


@pytest.fixture
def registry(storage: Storage, folder: Path) -> Registry:
    return Registry(storage, ArtifactCache(folder))


def test_a_file_that_is_here_is_not_asked_for(
    registry: Registry, storage: Storage, manifest: Manifest, graph: bytes
) -> None:
    storage.delete(KEY)
    assert registry.artifact(manifest, GRAPH) == graph


def test_a_file_that_is_not_here_comes_from_the_registry(registry: Registry, manifest: Manifest) -> None:
    assert registry.artifact(manifest, "performance.json") == b"{}"


@pytest.mark.parametrize("damage", [b"", b"other"])
def test_a_damaged_file_comes_from_the_registry_and_is_logged(
    registry: Registry,
    folder: Path,
    manifest: Manifest,
    graph: bytes,
    damage: bytes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = folder / manifest.artifacts[GRAPH].sha256
    path.write_bytes(damage)
    with caplog.at_level(logging.ERROR):
        assert registry.artifact(manifest, GRAPH) == graph
    assert f"{path} differs" in caplog.text


def test_a_folder_in_place_of_a_file_is_logged(
    registry: Registry, folder: Path, manifest: Manifest, graph: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = folder / manifest.artifacts[GRAPH].sha256
    path.unlink()
    path.mkdir()
    assert registry.artifact(manifest, GRAPH) == graph
    assert f"{path} cannot be read" in caplog.text


def test_what_the_manifest_does_not_know_is_not_served_from_here(registry: Registry, manifest: Manifest) -> None:
    with pytest.raises(DamagedVersionError, match="knows no such file"):
        registry.artifact(manifest, "other.onnx")


def test_a_file_damaged_in_both_places_is_refused(
    registry: Registry, storage: Storage, folder: Path, manifest: Manifest
) -> None:
    storage.write(KEY, b"other")
    (folder / manifest.artifacts[GRAPH].sha256).write_bytes(b"other")
    with pytest.raises(DamagedVersionError, match="differs from the sha256"):
        registry.artifact(manifest, GRAPH)


@pytest.mark.parametrize("name", ["../secret", "", "/dev/zero", "A" * 64])
def test_a_digest_that_is_none_leads_nowhere(folder: Path, name: str) -> None:
    (folder.parent / "secret").write_bytes(b"secret")
    assert ArtifactCache(folder).read(Artifact(name, 6)) is None


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path, manifest: Manifest) -> None:
    assert ArtifactCache(tmp_path / "no").read(manifest.artifacts[GRAPH]) is None
