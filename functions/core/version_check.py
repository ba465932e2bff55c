"""Checks of a version that do not load its model, for the control function, which loads none."""

from __future__ import annotations

from functions.core.errors import DamagedVersionError
from functions.core.registry import Registry
from functions.core.validator import Validator


def check_version(registry: Registry, model: str, version: int) -> None:
    """Compare the files that serve it with the sizes in the manifest, and its example with its schema and its limits.

    A changed file of the same size passes: only loading the version finds it.
    Raises DamagedVersionError, UnsupportedFormatError, NotFoundError.
    """
    manifest = registry.manifest(model, version)
    registry.check_served_files(manifest)
    try:
        Validator(manifest.schema).table([dict(manifest.example)])
        if manifest.limits.max_instances < 1:
            raise ValueError(f"max_instances is {manifest.limits.max_instances}")
    except Exception as error:  # a manifest that was edited by hand can be wrong in any way
        cause = f"{type(error).__name__}: {error}"
        raise DamagedVersionError(f"{model} version {version} does not take its own example: {cause}") from error
