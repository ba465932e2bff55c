"""Versions outside a registry: a folder that holds one as a registry does, its files and manifest.json.

The folder `baked` of a model comes with the model; a build makes one for each model that is deployed.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from functions.core import training_data
from functions.core.clock import now
from functions.core.errors import DamagedVersionError, ObjectNotFoundError
from functions.core.manifest import Artifact, Manifest
from functions.core.registry import ARTIFACT_NAME, Registry

BAKED = "baked"
MANIFEST = "manifest.json"
DATA = "data"
"""The folder beside a version's files that holds its training data, under its digest as in the registry."""
ACTOR = "baked"
UNDATED = "1970-01-01T00:00:00.000000Z"
"""The time of a version that a build trained, so that equal builds are equal bytes; its import dates it."""


def has_baked(folder: Path) -> bool:
    """Whether a model's folder comes with a version."""
    return (folder / BAKED / MANIFEST).is_file()


def read_baked(folder: Path, model: str) -> Manifest:
    """The manifest of the version in a model's folder; raises DamagedVersionError."""
    return read_version(folder / BAKED, model)


def bake(registry: Registry, manifest: Manifest, folder: Path) -> None:
    """Write a version of the registry into its model's folder."""
    write_version(registry, manifest, folder / BAKED)


def read_version(folder: Path, model: str) -> Manifest:
    """The manifest in a version's folder; raises DamagedVersionError."""
    path = folder / MANIFEST
    body = _read(path)
    try:
        found = Manifest.from_json(body)
    except DamagedVersionError as error:
        raise DamagedVersionError(f"{folder}/{error}") from error
    if found.model != model:
        raise DamagedVersionError(f"{path} is a version of {found.model}, not of {model}")
    return found


def import_version(registry: Registry, model: str, folder: Path) -> Manifest:
    """Publish the version of a folder under a number of the registry's own, with its training data.

    One that the registry holds already, by its digests, is not imported again. Production stays as it is.
    Raises DamagedVersionError that names the file.
    """
    outside = read_version(folder, model)
    return _known(registry, outside) or _publish(registry, outside, folder)


def write_version(registry: Registry, manifest: Manifest, folder: Path) -> None:
    """Write a version of the registry into a folder, with its training data where the registry has it.

    Raises DamagedVersionError.
    """
    data = None
    if manifest.data is not None:
        with suppress(ObjectNotFoundError):  # whoever may read versions need not be allowed to read rows
            data = training_data.load_encoded(registry.storage, manifest.data.digest)
    _write(manifest, ((name, registry.artifact(manifest, name)) for name in manifest.artifacts), data, folder)


def copy_version(source: Path, model: str, folder: Path) -> Manifest:
    """Write the version of one folder into another, as it is; raises DamagedVersionError that names the file."""
    manifest = read_version(source, model)
    files = ((name, _read_artifact(source / name, artifact)) for name, artifact in manifest.artifacts.items())
    _write(manifest, files, _read_data(source, manifest), folder)
    return manifest


def _known(registry: Registry, outside: Manifest) -> Manifest | None:
    versions = (registry.readable(outside.model, version) for version in registry.versions(outside.model))
    return next((one for one in versions if one is not None and one.artifacts == outside.artifacts), None)


def _publish(registry: Registry, outside: Manifest, folder: Path) -> Manifest:
    files = {name: _read_artifact(folder / name, artifact) for name, artifact in outside.artifacts.items()}
    data = _read_data(folder, outside)
    if data is not None:
        training_data.store_encoded(registry.storage, data)
    return registry.publish(replace(_dated(outside), version=registry.claim(outside.model)), files)


def _dated(manifest: Manifest) -> Manifest:
    if manifest.created != UNDATED:
        return manifest
    moment = now()
    return replace(manifest, created=moment, data=replace(manifest.data, time=moment) if manifest.data else None)


def _write(manifest: Manifest, files: Iterable[tuple[str, bytes]], data: bytes | None, folder: Path) -> None:
    """The manifest last: without one there is no version."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    for name, body in files:
        if not ARTIFACT_NAME.fullmatch(name):
            raise DamagedVersionError(f"the manifest of {manifest.model} names {name!r}, which is no file name")
        (folder / name).write_bytes(body)
    if data is not None and manifest.data is not None:
        (folder / DATA).mkdir(exist_ok=True)
        (folder / DATA / manifest.data.digest).write_bytes(data)
    (folder / MANIFEST).write_bytes(manifest.to_json())


def _read_data(folder: Path, manifest: Manifest) -> bytes | None:
    """The training data beside a version; None where there is none."""
    if manifest.data is None:
        return None
    path = folder / DATA / manifest.data.digest
    if not path.is_file():
        return None
    body = _read(path)
    if Artifact.of(body).sha256 != manifest.data.digest:
        raise DamagedVersionError(f"{path} differs from its name's sha256: make the version again")
    return body


def _read_artifact(path: Path, expected: Artifact) -> bytes:
    body = _read(path)
    if Artifact.of(body) != expected:
        raise DamagedVersionError(f"{path} differs from the sha256 in its manifest: make the version again")
    return body


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DamagedVersionError(f"{path} cannot be read: {error.strerror}") from error
