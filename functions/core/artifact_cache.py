"""Files of versions that came with the image, each named by its sha256.

A shortcut and nothing more: the registry alone decides which version serves, and which files it has.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path

from functions.core.manifest import Artifact

logger = logging.getLogger(__name__)
SHA256 = re.compile(r"[0-9a-f]{64}")


class ArtifactCache:
    """Reads a folder of artifacts; never writes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, artifact: Artifact) -> bytes | None:
        """The file of that digest; None if it is absent or damaged. Damage is logged."""
        # a manifest that was edited by hand must not name a path outside the folder
        if not SHA256.fullmatch(artifact.sha256):
            return None
        path = self._folder / artifact.sha256
        try:
            body = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            logger.error("%s cannot be read, so it is read from the registry: %s", path, error.strerror)
            return None
        if Artifact.of(body) != artifact:
            logger.error("%s differs from the sha256 in its name, so it is read from the registry", path)
            return None
        return body
