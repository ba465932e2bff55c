"""Models whose version in production is of another folder than the one that is there."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from functions.core.definition import Definition
from functions.core.errors import DamagedRecordError, DamagedVersionError, UnsupportedFormatError
from functions.core.schema import Schema
from functions.local.home import Home

logger = logging.getLogger(__name__)


def warn_of_other_models(home: Home, definitions: Mapping[str, Definition]) -> None:
    """Warn where the version in production reads other columns than the folder of its model says.

    That is a folder made anew under an old name, or one that was changed and not trained since.
    """
    for name, definition in definitions.items():
        try:
            manifest = home.registry.production_manifest(name)
        except (DamagedRecordError, DamagedVersionError, UnsupportedFormatError):
            continue  # it is reported where it is loaded
        if manifest is not None and _columns(manifest.schema) != _columns(definition.schema):
            logger.warning(
                "%s: version %s in production reads other columns than %s says: train a version with `despliegue train "
                "%s`, or remove the old model with `despliegue remove %s --keep-folder --apply`",
                *(name, manifest.version, definition.folder, name, name),
            )


def _columns(schema: Schema) -> list[tuple[str, str]]:
    return [(feature.name, feature.type) for feature in schema.features]
