"""The version in production, followed from request to request."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass

from functions.core.errors import DespliegueError, NotReadyError
from functions.core.registry import Pointer, Registry
from functions.predictors.loaded import LoadedVersion

logger = logging.getLogger(__name__)
RETRY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Refused:
    """A promotion that could not be loaded; it is tried again after a while, not in every request."""

    etag: str
    retry_at: float


class ServedModel:
    """Answers with the version in production, asked for anew in each request unless it is fresh enough.

    A new version is loaded and warmed beside the old one and then swapped in. One that cannot be loaded
    leaves the old one serving; the answers name the version that really served.
    """

    def __init__(self, registry: Registry, model: str, *, freshness_seconds: float = 0.0) -> None:
        self._registry = registry
        self._model = model
        self._freshness_seconds = freshness_seconds
        self._lock = threading.Lock()
        self._loaded: LoadedVersion | None = None
        self._etag: str | None = None
        self._checked_at = 0.0
        self._refused: _Refused | None = None

    def current(self) -> LoadedVersion:
        """The version to answer with. Raises NotReadyError while there is none."""
        with self._lock:
            if self._loaded is None or time.monotonic() - self._checked_at >= self._freshness_seconds:
                checked_at = time.monotonic()
                self._follow(self._changed_pointer())
                self._checked_at = checked_at
            if self._loaded is None:
                raise NotReadyError(f"{self._model} has no version that can be served yet")
            return self._loaded

    def _changed_pointer(self) -> Pointer | None:
        if self._loaded is None or self._etag is None:
            return self._registry.pointer(self._model)
        try:
            return self._registry.pointer_if_changed(self._model, self._etag)
        except DespliegueError as error:
            logger.error(
                "production of %s cannot be read, the version in memory goes on serving: %s", self._model, error
            )
            return None

    def _follow(self, pointer: Pointer | None) -> None:
        if pointer is None or pointer.production is None or pointer.etag is None:
            return
        if self._refused and self._refused.etag == pointer.etag and time.monotonic() < self._refused.retry_at:
            return
        version = pointer.production.version
        try:
            if self._loaded is None or self._loaded.manifest.version != version:
                self._loaded = LoadedVersion.load(self._registry, self._model, version)
        except DespliegueError as error:
            self._refused = _Refused(pointer.etag, time.monotonic() + RETRY_SECONDS)
            logger.error(
                "production.json of %s names version %s, which cannot be served: %s", self._model, version, error
            )
            return
        self._etag, self._refused = pointer.etag, None
