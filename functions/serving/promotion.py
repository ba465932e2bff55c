"""Promotion of versions that the code of serving could open, and that answered their own example."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from functions.core.errors import DamagedVersionError, PreconditionFailedError, UnsupportedFormatError
from functions.core.history import Production
from functions.core.manifest import Manifest
from functions.core.registry import Registry
from functions.core.verdicts import Verdict, read_verdict, record_verdict
from functions.core.version_folder import ACTOR, import_version
from functions.serving.version import LoadedVersion

FIRST = "nothing was in production before"
OTHER_SERVES = "another version was in production, and stays"
"""Reasons for what a folder or an image brings."""


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


def promote_servable(
    registry: Registry, model: str, version: int, *, actor: str, pinned: bool = False, reason: str | None = None
) -> Production:
    """Put a version in production if it can serve, over any other; without a `reason` it is the choice of a person.

    Raises UnservableError, NotFoundError, and ConflictError after many lost races.
    """
    require_servable(registry, model, version)
    return registry.promote_now(model, version, actor=actor, pinned=pinned, reason=reason)


def import_and_promote(registry: Registry, model: str, folder: Path) -> Manifest:
    """Import the version of a folder, and put it in production if nothing is there. The verdict is kept.

    Raises DamagedVersionError that names the file; UnservableError, after which the version is in the registry alone.
    """
    manifest = import_version(registry, model, folder)
    pointer = registry.promotable(model)
    # a version that was promoted since stays: a deployment repeats this import each time
    if pointer.etag is None:
        try:
            require_servable(registry, model, manifest.version)
        except UnservableError as error:
            _keep(registry, manifest, Verdict(False, str(error), ACTOR))
            raise
        with suppress(PreconditionFailedError):  # another promotion was first, and stays
            registry.promote(model, manifest.version, actor=ACTOR, expected=pointer, reason=FIRST)
            _keep(registry, manifest, Verdict(True, FIRST, ACTOR))
    _keep(registry, manifest, Verdict(False, OTHER_SERVES, ACTOR))
    return manifest


def _keep(registry: Registry, manifest: Manifest, verdict: Verdict) -> None:
    """Keep the verdict on an imported version that has none, whether it was imported now or earlier."""
    if read_verdict(registry.storage, manifest.model, manifest.version) is None:
        record_verdict(registry.storage, manifest.model, manifest.version, verdict)
