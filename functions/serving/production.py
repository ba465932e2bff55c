"""The version in production, followed from request to request."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass

from functions.core.errors import DespliegueError, NotReadyError
from functions.core.registry import Pointer, Registry
from functions.serving.version import LoadedVersion

logger = logging.getLogger(__name__)
RELOAD_SECONDS = 5.0
"""Pause before a version that could not be loaded is tried again."""


@dataclass(frozen=True, slots=True)
class _Serving:
    """A version in memory, and the pointer that named it."""

    version: LoadedVersion
    etag: str


@dataclass(frozen=True, slots=True)
class _Refused:
    """A promotion that could not be loaded; it is tried again after RELOAD_SECONDS, not in every request."""

    etag: str
    retry_at: float


class ServedModel:
    """The version of a model that serves; each request asks the registry for it, unless the last look is fresh enough.

    A new version is loaded and warmed while the old one serves, and then swapped in. Threads ask at the same time; all
    that see a promotion wait while one of them loads it, because no answer after it may come from the old version. If
    a version cannot be loaded, the old one goes on serving; answers name the version that really served.
    """

    def __init__(self, registry: Registry, model: str, *, freshness_seconds: float = 0.0) -> None:
        self._registry = registry
        self._model = model
        self._freshness_seconds = freshness_seconds
        self._loading = threading.Lock()
        self._serving: _Serving | None = None
        self._checked_at = 0.0
        self._refused: _Refused | None = None
        self._is_unreadable = False

    @property
    def is_stale(self) -> bool:
        """True if the last look at production found what cannot be served, so that an older version may answer."""
        return self._is_unreadable or self._refused is not None

    def current(self) -> LoadedVersion:
        """The version to answer with; raises NotReadyError while there is none."""
        # before the question, so that the answer counts from the moment it was asked
        checked_at = time.monotonic()
        serving = self._serving
        if serving is None or checked_at - self._checked_at >= self._freshness_seconds:
            self._check()
            self._checked_at = checked_at
            serving = self._serving
        # one look decides: another thread may take the version away at any time
        if serving is None:
            raise NotReadyError(f"{self._model} has no version that can be served yet")
        return serving.version

    def _check(self) -> None:
        serving = self._serving
        pointer = self._changed_pointer(serving)
        if pointer is None or self._is_refused(pointer):
            return
        with self._loading:
            if self._serving is not serving:  # swapped while this thread waited, so its own pointer may be older
                pointer = self._changed_pointer(self._serving)
            if pointer is not None and not self._is_refused(pointer):
                self._follow(pointer)

    def _changed_pointer(self, serving: _Serving | None) -> Pointer | None:
        """The pointer of production if it changed; None if it did not, or cannot be read."""
        if serving is None:
            return self._registry.pointer(self._model)
        try:
            pointer = self._registry.pointer_if_changed(self._model, serving.etag)
        except DespliegueError as error:
            self._is_unreadable = True
            logger.error(
                "production of %s cannot be read, the version in memory goes on serving: %s", self._model, error
            )
            return None
        self._is_unreadable = False
        if pointer is None:
            self._refused = None  # production names again what serves
        return pointer

    def _is_refused(self, pointer: Pointer) -> bool:
        refused = self._refused
        return refused is not None and refused.etag == pointer.etag and time.monotonic() < refused.retry_at

    def _follow(self, pointer: Pointer) -> None:
        if pointer.production is None or pointer.etag is None:
            self._serving = self._refused = None
            return
        version = pointer.production.version
        try:
            self._serving = _Serving(self._loaded(version), pointer.etag)
        except (DespliegueError, MemoryError) as error:
            # a MemoryError as well: a version too large for the function must not end the one that serves
            self._refused = _Refused(pointer.etag, time.monotonic() + RELOAD_SECONDS)
            logger.error(
                "production.json of %s names version %s, which cannot be served: %r", self._model, version, error
            )
            return
        self._refused = None

    def _loaded(self, version: int) -> LoadedVersion:
        """The version, from memory if it is the one that serves: a promotion may name it again."""
        if self._serving is not None and self._serving.version.is_published_as(self._registry, self._model, version):
            return self._serving.version
        return LoadedVersion.load(self._registry, self._model, version)
