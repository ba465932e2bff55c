"""The model folders of a running process: one that is added is served without a restart."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from functions.core.definition import Definition
from functions.core.errors import DefinitionError, DespliegueError
from functions.core.model_folder import load_definitions

logger = logging.getLogger(__name__)
LOOK_SECONDS = 0.5
"""The least time between two readings of the folders."""
RESTLESS_SECONDS = 2.0
"""The time for which folders are read after a change: file systems round times, some to two seconds."""
FOLLOWED_SECONDS = 5.0
"""The time for which an added folder is read after its last change."""


class ModelFolders(Mapping[str, Definition]):
    """The definitions under `models`, with each folder that was added since; `known` were read at the start.

    Known definitions stay as they are until a restart, because what was trained and loaded belongs to them; so does one
    whose folder is removed. A folder that is not whole yet, or wrong, is read again until it is right. An added one is
    read again for FOLLOWED_SECONDS after its last change, because a copy by hand comes file by file.
    """

    def __init__(
        self, models: Path, known: Mapping[str, Definition], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._models = models
        self._current = dict(known)
        self._clock = clock
        self._lock = threading.Lock()
        self._changed_ns = 0
        self._read_at = float("-inf")
        self._is_settled = False
        self._refusal = ""
        self._followed: dict[str, float] = {}

    def current(self) -> Mapping[str, Definition]:
        """The definitions of now: another object after each change, and else the same."""
        moment = self._clock()
        if moment - self._read_at < LOOK_SECONDS:
            return self._current
        try:
            changed_ns = os.stat(self._models).st_mtime_ns
        except OSError:
            return self._current
        if self._is_settled and changed_ns == self._changed_ns:
            return self._current
        with self._lock:
            self._read(changed_ns, moment)
        return self._current

    def _read(self, changed_ns: int, moment: float) -> None:
        self._read_at = moment
        try:
            found = load_definitions(self._models)
        except DefinitionError as error:
            self._is_settled = False
            if str(error) != self._refusal:
                self._refusal = str(error)
                logger.warning("new model folders are not served yet: %s", error)
            return
        self._changed_ns, self._refusal = changed_ns, ""
        self._take(found, moment)
        is_restless = time.time() - changed_ns / 1e9 <= RESTLESS_SECONDS
        self._is_settled = not is_restless and not self._followed

    def _take(self, found: Mapping[str, Definition], moment: float) -> None:
        """Take what is new, and what changed of the folders that are followed."""
        added = [name for name in found if name not in self._current]
        changed = [name for name in self._followed if name in found and found[name] != self._current[name]]
        if added:
            logger.info("model folders were added: %s", ", ".join(added))
        if added or changed:
            self._current = {**self._current, **{name: found[name] for name in (*added, *changed)}}
        followed = {**self._followed, **dict.fromkeys((*added, *changed), moment)}
        self._followed = {name: since for name, since in followed.items() if moment - since < FOLLOWED_SECONDS}

    def __getitem__(self, name: str) -> Definition:
        return self.current()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.current())

    def __len__(self) -> int:
        return len(self.current())


class FollowingFolders:
    """An application that is built again for each change of the model folders; requests in flight end in the old one.

    If it cannot be built, the old one goes on serving.
    """

    def __init__(self, folders: ModelFolders, build: Callable[[Mapping[str, Definition]], ASGIApp]) -> None:
        self._folders = folders
        self._build = build
        self._definitions = folders.current()
        self._app = build(self._definitions)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        definitions = self._folders.current()
        if definitions is not self._definitions:
            self._definitions = definitions
            try:
                self._app = self._build(definitions)
            except DespliegueError as error:
                logger.error("the added models are not served: %s", error)
        await self._app(scope, receive, send)
