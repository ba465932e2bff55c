"""Promotion of versions that the code of serving could open, and that answered their own example."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from functions.core.errors import DamagedVersionError, PreconditionFailedError, UnsupportedFormatError
from functions.core.history import Production
from functions.core.manifest import Manifest
from functions.core.registry import Registry
from functions.core.version_folder import ACTOR, import_version
from functions.serving.version import LoadedVersion


class UnservableError(DamagedVersionError):
    """Refusal to promote a version that would answer every prediction with an error; it stays in the registry."""


def require_servable(registry: Registry, model: str, version: int) -> None:
    """Open the version from the registry as predict does, answer its example, and forget it.

    Raises UnservableError with the reason, NotFoundError for an unknown version, StorageError.
    """
    try:
        LoadedVersion.load(registry, model, version)
    except (DamagedVersionError, UnsupportedFormatError) as error:
        raise UnservableError(f"{model} version {version} is not promoted, because it cannot serve: {error}") from error


def promote_servable(registry: Registry, model: str, version: int, *, actor: str, pinned: bool = False) -> Production:
    """Put a version in production if it can serve, over any other.

    Raises UnservableError, NotFoundError, and ConflictError after many lost races.
    """
    require_servable(registry, model, version)
    return registry.promote_now(model, version, actor=actor, pinned=pinned)


def import_and_promote(registry: Registry, model: str, folder: Path) -> Manifest:
    """Import the version of a folder, and put it in production if nothing is there.

    Raises DamagedVersionError that names the file; UnservableError, after which the version is in the registry alone.
    """
    manifest = import_version(registry, model, folder)
    pointer = registry.promotable(model)
    # a version that was promoted since stays: a deployment repeats this import each time
    if pointer.etag is None:
        require_servable(registry, model, manifest.version)
        with suppress(PreconditionFailedError):  # another promotion was first, and stays
            registry.promote(model, manifest.version, actor=ACTOR, expected=pointer)
    return manifest
