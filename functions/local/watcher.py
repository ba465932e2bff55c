"""A watcher of the files under uploads/; on AWS, S3 sends notices instead."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from functions.core.clock import now
from functions.core.uploads import Arrival, UploadKey

logger = logging.getLogger(__name__)
Seen = tuple[int, int]


class Watcher:
    """Finder of files that are new, or that changed since they were last reported.

    A dropped file is reported after two looks found the same size and time, so that a copy in progress is left alone.
    The upload of a job is renamed into place, so one look is enough. Links are not followed.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._reported: dict[str, Seen] = {}
        self._last: dict[str, Seen] = {}
        self._warned: set[str] = set()

    def arrivals(self) -> list[Arrival]:
        """The arrivals since the last call, oldest first."""
        changed = {key: seen for key, seen in self._scan() if self._reported.get(key) != seen}
        ready = [key for key, seen in changed.items() if self._last.get(key) == seen or _is_whole(key)]
        self._last = changed
        for key in ready:
            self._reported[key] = changed[key]
        ready.sort(key=lambda key: changed[key])
        return [_arrival(key, changed[key]) for key in ready]

    def forget(self, arrival: Arrival) -> None:
        """Report the file again at the next look, because the work on it failed."""
        self._reported.pop(arrival.key, None)

    def _scan(self) -> Iterator[tuple[str, Seen]]:
        for folder, _, names in os.walk(self._root / "uploads"):
            for name in names:
                path = Path(folder, name)
                key = path.relative_to(self._root).as_posix()
                if UploadKey.parse(key) is None:
                    continue
                try:
                    found = path.lstat()
                except OSError:  # gone by now
                    continue
                if stat.S_ISLNK(found.st_mode):
                    self._warn(key)
                else:
                    yield key, (found.st_mtime_ns, found.st_size)

    def _warn(self, key: str) -> None:
        """Log once for each link: its file may be anywhere, and a refusal quotes what it holds in a job."""
        if key not in self._warned:
            self._warned.add(key)
            logger.warning("%s is a link, and links are not followed: copy the file itself", key)


def _is_whole(key: str) -> bool:
    upload = UploadKey.parse(key)
    return upload is not None and upload.job is not None


def _arrival(key: str, seen: Seen) -> Arrival:
    changed_ns, size = seen
    # moving a file here keeps its old time, so the time of the arrival is taken instead
    return Arrival(key, f"{changed_ns:x}-{size:x}", now())
