"""Versions in folders outside a registry, with the same files: artifacts and manifest.json.

A model may come with a version in its folder `baked`; a build makes such a folder for each deployed model.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from functions.core.clock import now
from functions.core.errors import DamagedVersionError, ObjectNotFoundError
from functions.core.files import read_required
from functions.core.manifest import Artifact, Manifest
from functions.core.registry import ARTIFACT_NAME, Registry
from functions.core.row_copies import RowCopy
from functions.core.threads import in_threads

BAKED = "baked"
MANIFEST = "manifest.json"
DATA = "data"
"""The subfolder with the training data of the version, as in the registry: its table, and the ids of its rows."""
ACTOR = "baked"
UNDATED = "1970-01-01T00:00:00.000000Z"
"""The time in versions that a build trained, so that equal builds are equal bytes. Importing sets the real time."""


def has_baked(folder: Path) -> bool:
    """Return True if a model comes with a version in its folder."""
    return (folder / BAKED / MANIFEST).is_file()


def bake(registry: Registry, manifest: Manifest, folder: Path) -> None:
    """Write a version of the registry into the folder of its model."""
    write_version(registry, manifest, folder / BAKED)


def read_version(folder: Path, model: str) -> Manifest:
    """The manifest in the folder of a version; raises DamagedVersionError."""
    path = folder / MANIFEST
    body = _read(path)
    try:
        manifest = Manifest.from_json(body)
    except DamagedVersionError as error:
        raise DamagedVersionError(f"{folder}/{error}") from error
    if manifest.model != model:
        raise DamagedVersionError(f"{path} is a version of {manifest.model}, not of {model}")
    return manifest


def import_version(registry: Registry, model: str, folder: Path) -> Manifest:
    """Publish the version of a folder under the next number of the registry, with its training data.

    A version whose digests are in the registry already is not imported again. Production does not change.
    Raises DamagedVersionError that names the file.
    """
    outside = read_version(folder, model)
    return _known(registry, outside) or _publish(registry, outside, folder)


def write_version(registry: Registry, manifest: Manifest, folder: Path) -> None:
    """Write a version of the registry into a folder, with its training data if the registry has it.

    Raises DamagedVersionError.
    """
    data = None
    if manifest.data is not None:
        with suppress(ObjectNotFoundError):  # permission to read versions need not include the rows
            data = RowCopy.of_registry(registry.storage, manifest.data.digest)
    _write(manifest, ((name, registry.artifact(manifest, name)) for name in manifest.artifacts), data, folder)


def copy_version(source: Path, model: str, folder: Path) -> Manifest:
    """Copy the version of one folder into another; raises DamagedVersionError that names the file."""
    manifest = read_version(source, model)
    files = ((name, _read_artifact(source / name, artifact)) for name, artifact in manifest.artifacts.items())
    _write(manifest, files, _read_data(source, manifest), folder)
    return manifest


def _known(registry: Registry, outside: Manifest) -> Manifest | None:
    versions = in_threads(partial(registry.readable, outside.model), registry.versions(outside.model))
    return next((one for one in versions if one is not None and one.artifacts == outside.artifacts), None)


def _publish(registry: Registry, outside: Manifest, folder: Path) -> Manifest:
    files = {name: _read_artifact(folder / name, artifact) for name, artifact in outside.artifacts.items()}
    data = _read_data(folder, outside)
    if data is not None and outside.data is not None:
        data.keep_in(registry.storage, outside.data.digest)
    return registry.publish(replace(_dated(outside), version=registry.claim(outside.model)), files)


def _dated(manifest: Manifest) -> Manifest:
    if manifest.created != UNDATED:
        return manifest
    moment = now()
    return replace(manifest, created=moment, data=replace(manifest.data, time=moment) if manifest.data else None)


def _write(manifest: Manifest, files: Iterable[tuple[str, bytes]], data: RowCopy | None, folder: Path) -> None:
    """Write the files, then the manifest: without it there is no version."""
    folder.mkdir(parents=True, exist_ok=True)
    # an interrupted write must not look like a whole version
    (folder / MANIFEST).unlink(missing_ok=True)
    for name, body in files:
        if not ARTIFACT_NAME.fullmatch(name):
            raise DamagedVersionError(f"the manifest of {manifest.model} names {name!r}, which is no file name")
        (folder / name).write_bytes(body)
    if data is not None and manifest.data is not None:
        data.write_to(folder / DATA, manifest.data.digest)
    (folder / MANIFEST).write_bytes(manifest.to_json())


def _read_data(folder: Path, manifest: Manifest) -> RowCopy | None:
    """The training data in the folder of a version; None if there is none."""
    return None if manifest.data is None else RowCopy.of_folder(folder / DATA, manifest.data.digest)


def _read_artifact(path: Path, expected: Artifact) -> bytes:
    body = _read(path)
    if Artifact.of(body) != expected:
        raise DamagedVersionError(f"{path} differs from the sha256 in its manifest: make the version again")
    return body


def _read(path: Path) -> bytes:
    return read_required(path, DamagedVersionError)
