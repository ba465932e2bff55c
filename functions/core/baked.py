"""Versions that come with a model's folder: made elsewhere, and imported where nothing serves yet.

The folder `baked` of a model holds one version as a registry does, its files and manifest.json.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from functions.core.errors import DamagedVersionError, PreconditionFailedError
from functions.core.manifest import Artifact, Manifest
from functions.core.registry import Registry

BAKED = "baked"
MANIFEST = "manifest.json"
ACTOR = "baked"


def has_baked(folder: Path) -> bool:
    """Whether a model's folder comes with a version."""
    return (folder / BAKED / MANIFEST).is_file()


def read_baked(folder: Path, model: str) -> Manifest:
    """The manifest of the version in a model's folder; raises DamagedVersionError."""
    path = folder / BAKED / MANIFEST
    try:
        found = Manifest.from_json(path.read_bytes())
    except OSError as error:
        raise DamagedVersionError(f"{path} cannot be read: {error.strerror}") from error
    if found.model != model:
        raise DamagedVersionError(f"{path} is a version of {found.model}, not of {model}")
    return found


def import_baked(registry: Registry, model: str, folder: Path) -> Manifest:
    """The version of a model's folder in the registry, under a number of the registry's own.

    One that the registry holds already, by its digests, is not imported again. Goes into production only where
    nothing is. Raises DamagedVersionError that names the file.
    """
    baked = read_baked(folder, model)
    found = _known(registry, baked) or _publish(registry, baked, folder / BAKED)
    pointer = registry.promotable(model)
    if pointer.etag is None:
        with suppress(PreconditionFailedError):  # somebody else was first, and stays
            registry.promote(model, found.version, actor=ACTOR, expected=pointer)
    return found


def bake(registry: Registry, manifest: Manifest, folder: Path) -> None:
    """Write a version of the registry into its model's folder, its manifest last."""
    target = folder / BAKED
    target.mkdir(exist_ok=True)
    (target / MANIFEST).unlink(missing_ok=True)
    for name in manifest.artifacts:
        (target / name).write_bytes(registry.artifact(manifest, name))
    (target / MANIFEST).write_bytes(manifest.to_json())


def _known(registry: Registry, baked: Manifest) -> Manifest | None:
    versions = (registry.readable(baked.model, version) for version in registry.versions(baked.model))
    return next((one for one in versions if one is not None and one.artifacts == baked.artifacts), None)


def _publish(registry: Registry, baked: Manifest, folder: Path) -> Manifest:
    files = {name: _read_artifact(folder / name, artifact) for name, artifact in baked.artifacts.items()}
    return registry.publish(replace(baked, version=registry.claim(baked.model)), files)


def _read_artifact(path: Path, expected: Artifact) -> bytes:
    try:
        body = path.read_bytes()
    except OSError as error:
        raise DamagedVersionError(f"{path} cannot be read: {error.strerror}") from error
    if Artifact.of(body) != expected:
        raise DamagedVersionError(f"{path} differs from the sha256 in its manifest: export the model again")
    return body
