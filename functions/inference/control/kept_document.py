"""The OpenAPI document as it was built last, for as long as production stays as it is."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import orjson

from functions.core.errors import DamagedRecordError, DamagedVersionError, UnsupportedFormatError
from functions.core.manifest import Manifest
from functions.core.registry import Pointer
from functions.inference.control.context import Control
from functions.inference.known_answers import entity_tag
from functions.inference.openapi import Json

logger = logging.getLogger(__name__)
Manifests = Mapping[str, Manifest | None]
"""The manifest of each model's version in production, None where there is none or it cannot be read."""
Pointers = Mapping[str, Pointer | None]
"""The production pointer of each model, None where it cannot be read."""


@dataclass(frozen=True, slots=True)
class BuiltDocument:
    """A document as JSON, with its ETag."""

    body: bytes
    etag: str


class KeptDocument:
    """Builds the document again after a promotion only: the document is public, and building it takes much longer.

    Versions never change. So a document is made of the definitions, which a process reads once, of the production
    pointers, which are read for every answer, and of nothing else.
    """

    def __init__(self, control: Control) -> None:
        self._control = control
        self._building = threading.Lock()
        self._kept: tuple[Pointers, BuiltDocument] | None = None

    def current(self, build: Callable[[Manifests], Json]) -> BuiltDocument:
        """The document of what is in production now, which `build` makes of its manifests."""
        pointers = {model: self._pointer(model) for model in self._control.definitions}
        # many requests may come at once after a promotion, and one of them builds
        with self._building:
            if self._kept and self._kept[0] == pointers:
                return self._kept[1]
            manifests = {model: self._manifest(model) for model in pointers}
            body = orjson.dumps(build(manifests))
            document = BuiltDocument(body, entity_tag(body))
            self._kept = (pointers, document) if _is_whole(pointers, manifests) else None
            return document

    def _pointer(self, model: str) -> Pointer | None:
        try:
            return self._control.registry.pointer(model)
        except DamagedRecordError as error:
            logger.error("%s", error)
            return None

    def _manifest(self, model: str) -> Manifest | None:
        """None also if the manifest is damaged: the page must open to show what to do."""
        try:
            return self._control.registry.production_manifest(model)
        except (DamagedRecordError, DamagedVersionError, UnsupportedFormatError) as error:
            logger.error("%s is documented by its definition: %s", model, error)
            return None


def _is_whole(pointers: Pointers, manifests: Manifests) -> bool:
    """Return False where a record was damaged: it can be restored, and no pointer would change then."""
    return all(
        pointer is not None and (pointer.production is None or manifests[model] is not None)
        for model, pointer in pointers.items()
    )
