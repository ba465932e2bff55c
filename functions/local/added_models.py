"""The first version of a model whose folder is added while a server runs: the one in the folder, or of its sample."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from functions.core.definition import Definition
from functions.core.errors import DespliegueError
from functions.core.model_folder import SAMPLE
from functions.core.published import claimed_numbers
from functions.core.registry import Registry
from functions.core.submission import Submissions
from functions.core.version_folder import BAKED, has_baked
from functions.serving.promotion import import_and_promote

logger = logging.getLogger(__name__)
LOOK_SECONDS = 0.5
QUIET_SECONDS = 2.0
"""The time for which a folder must not change: a copy by hand comes file by file, and each of them in parts."""
Files = frozenset[tuple[str, int, int]]


class AddedModels:
    """Giver of first versions, once for each model; `known` are the models that the server looked after at its start.

    A model of which a version exists, or is made right now, is left alone. A command that publishes a version of its
    own into a new folder claims the number of that version before the folder is there.
    """

    def __init__(
        self,
        definitions: Mapping[str, Definition],
        known: Collection[str],
        registry: Registry,
        submissions: Submissions,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._definitions = definitions
        self._registry = registry
        self._submissions = submissions
        self._clock = clock
        self._done = set(known)
        self._seen: dict[str, tuple[Files, float]] = {}
        self._refusals: dict[str, str] = {}

    def run(self, until: threading.Event) -> None:
        """Look for added folders until `until` is set."""
        while not until.wait(LOOK_SECONDS):
            self.look()

    def look(self) -> None:
        """Begin the first version of each added model whose folder was not changed for QUIET_SECONDS."""
        for name, definition in self._definitions.items():
            if name not in self._done and self._is_quiet(definition):
                self._begin_unless_refused(definition)

    def _is_quiet(self, definition: Definition) -> bool:
        moment, files = self._clock(), _files(definition.folder)
        before, since = self._seen.get(definition.name, (None, moment))
        if files != before:
            self._seen[definition.name] = files, moment
            return False
        return moment - since >= QUIET_SECONDS

    def _begin_unless_refused(self, definition: Definition) -> None:
        """Begin, and log the first of equal refusals; the next look tries again."""
        try:
            if self._begin(definition):
                self._done.add(definition.name)
        except (DespliegueError, OSError) as error:
            if self._refusals.get(definition.name) != str(error):
                self._refusals[definition.name] = str(error)
                logger.error("no first version of %s: %s", definition.name, error)

    def _begin(self, definition: Definition) -> bool:
        """False for a folder with nothing to serve, which may come later."""
        name, sample = definition.name, definition.folder / SAMPLE
        if self._registry.promotable(name).etag is not None or claimed_numbers(self._registry.storage, name):
            return True
        if has_baked(definition.folder):
            manifest = import_and_promote(self._registry, name, definition.folder / BAKED)
            logger.info("%s version %s is the one that comes with its folder", name, manifest.version)
            return True
        if not definition.retrainable or not sample.is_file():
            return False
        job = self._submissions.for_sample(definition, sample.read_bytes())
        logger.info("%s was added, and has no version: job %s trains one on its %s", name, job.job, SAMPLE)
        return True


def _files(folder: Path) -> Files:
    """The files below a folder with their sizes and times."""
    found = []
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            try:
                state = path.stat()
            except OSError:  # renamed or removed since it was listed
                continue
            found.append((str(path), state.st_size, state.st_mtime_ns))
    return frozenset(found)
