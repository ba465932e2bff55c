"""A watcher of the files that arrive under a prefix; on AWS, S3 sends notices instead."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from functions.core.clock import now
from functions.core.uploads import Arrival, UploadKey, is_awaited

logger = logging.getLogger(__name__)
Seen = tuple[int, int]
FILES_PER_LOOK = 100
"""The files that are looked at in each look, on average, though nothing says that they changed."""
RESTLESS_LOOKS = 30
"""The looks for which a folder is read after its time changed. File systems round times, some to two seconds: what
comes within that is not seen in the time."""


@dataclass(slots=True)
class _Folder:
    """A folder as it was read last: its files by name, and its own time."""

    changed_ns: int = -1
    restless_looks: int = 0
    files: dict[str, Seen] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)

    def is_restless(self, changed_ns: int) -> bool:
        """True if its time is another than before, or was so a few looks ago."""
        if changed_ns != self.changed_ns:
            self.changed_ns, self.restless_looks = changed_ns, RESTLESS_LOOKS
            return True
        self.restless_looks -= 1
        return self.restless_looks >= 0


class Watcher:
    """Finder of files below `prefix` that are new, or that changed since they were last reported.

    A dropped file is reported after two looks found the same size and time, so that a copy in progress is left alone.
    What a job or a batch waits for is renamed into place, so one look is enough. Links are not followed.

    Files that were reported cost nothing by themselves: a look reads the folders whose time changed, which tells of new
    and of exchanged files. A file that is written over in place changes no folder, and some file systems keep no time
    of folders, so all folders are read as often as FILES_PER_LOOK permits: up to that number in every look, ten times
    as many in every tenth.
    """

    def __init__(self, root: Path, prefix: str) -> None:
        self._root = root
        self._prefix = prefix
        self._folders: dict[str, _Folder] = {}
        self._reported: dict[str, Seen] = {}
        self._last: dict[str, Seen] = {}
        self._waiting: set[str] = set()
        self._warned: set[str] = set()
        self._looks_to_rest = 0

    def arrivals(self) -> list[Arrival]:
        """The arrivals since the last call, oldest first."""
        changed = {key: seen for key, seen in self._look().items() if self._reported.get(key) != seen}
        ready = [key for key, seen in changed.items() if self._last.get(key) == seen or is_awaited(key)]
        self._last = changed
        for key in ready:
            self._reported[key] = changed[key]
        self._waiting = changed.keys() - set(ready)
        ready.sort(key=lambda key: changed[key])
        return [_arrival(key, changed[key]) for key in ready]

    def forget(self, arrival: Arrival) -> None:
        """Report the file again at the next look, because the work on it failed."""
        self._reported.pop(arrival.key, None)
        self._waiting.add(arrival.key)

    def _look(self) -> dict[str, Seen]:
        """The files of the folders that are read now, and those that wait to be reported."""
        reads_all = self._looks_to_rest <= 0
        found: dict[str, Seen] = {}
        folders: dict[str, _Folder] = {}
        to_visit = [self._prefix]
        while to_visit:
            key = to_visit.pop()
            folder = self._folders.get(key, _Folder())
            try:
                # the time first: what comes while the folder is read changes the time again
                if folder.is_restless(os.stat(self._root / key).st_mtime_ns) or reads_all:
                    self._read(key, folder)
                    found.update((f"{key}/{name}", seen) for name, seen in folder.files.items())
            except OSError:  # gone by now, or not ours to read
                continue
            folders[key] = folder
            to_visit += folder.folders
        self._folders = folders
        files = sum(len(folder.files) for folder in folders.values())
        self._looks_to_rest = files // FILES_PER_LOOK if reads_all else self._looks_to_rest - 1
        return found | dict(self._look_again(self._waiting - found.keys()))

    def _read(self, key: str, folder: _Folder) -> None:
        files: dict[str, Seen] = {}
        folders: list[str] = []
        with os.scandir(self._root / key) as entries:
            for entry in entries:
                below = f"{key}/{entry.name}"
                if entry.is_symlink():
                    self._warn(entry, below)
                elif entry.is_dir(follow_symlinks=False):
                    folders.append(below)
                elif (entry.name in folder.files or UploadKey.parse(below)) and (seen := _seen(entry.path)):
                    files[entry.name] = seen
        folder.files, folder.folders = files, folders

    def _look_again(self, keys: Iterable[str]) -> Iterator[tuple[str, Seen]]:
        for key in keys:
            if seen := _seen(self._root / key):
                yield key, seen

    def _warn(self, entry: os.DirEntry[str], key: str) -> None:
        """Log once for each link: its file may be anywhere, and a refusal quotes what it holds in a job."""
        if key not in self._warned and UploadKey.parse(key) and not os.path.isdir(entry.path):
            self._warned.add(key)
            logger.warning("%s is a link, and links are not followed: copy the file itself", key)


def _seen(path: str | Path) -> Seen | None:
    """The time and the size of a file; None for a link, and for what is gone by now."""
    try:
        # what the system tells of a folder's entries may be older than the files, on Windows
        found = os.lstat(path)
    except OSError:
        return None
    return None if stat.S_ISLNK(found.st_mode) else (found.st_mtime_ns, found.st_size)


def _arrival(key: str, seen: Seen) -> Arrival:
    changed_ns, size = seen
    # moving a file here keeps its old time, so the time of the arrival is taken instead
    return Arrival(key, f"{changed_ns:x}-{size:x}", now())
