"""Notes of when jobs were created, as names of empty objects: a thousand of them come with one request.

`models/<name>/times/jobs/<time>-<job>` is written after the record of the job. A note saves reading the record and may
be missing, for jobs of older releases and after a crash; a record with no note, or with several, is read.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict

from functions.core.errors import PreconditionFailedError, StorageError
from functions.core.storage import Storage

logger = logging.getLogger(__name__)
TIME = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2}\.[0-9]{6}Z)")
NOTE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2}\.[0-9]{6}Z)-([0-9a-f]{32})")
"""A time without the signs that file systems refuse, and the job."""


def note_time(storage: Storage, model: str, job: str, created: str) -> None:
    """Write the note of a job. An error is logged only; a time in another form than clock.py's gets none."""
    key = _key(model, job, created)
    if key is None:
        return
    try:
        storage.create(key, b"")
    except PreconditionFailedError:
        return  # noted already
    except StorageError as error:
        logger.warning("job %s of %s has no note of its time: %s", job, model, error)


def forget_time(storage: Storage, model: str, job: str, created: str) -> None:
    """Remove the note of a job whose record is gone."""
    key = _key(model, job, created)
    if key is not None:
        storage.delete(key)


def noted_times(storage: Storage, model: str) -> dict[str, str]:
    """The time of creation for each job that has one note."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in storage.children(_folder(model)):
        if note := NOTE.fullmatch(name):
            year, month, day, hour, minute, second, job = note.groups()
            found[job].append(f"{year}-{month}-{day}T{hour}:{minute}:{second}")
    return {job: times[0] for job, times in found.items() if len(times) == 1}


def _key(model: str, job: str, created: str) -> str | None:
    written = TIME.fullmatch(created)
    if written is None:
        return None
    year, month, day, hour, minute, second = written.groups()
    return f"{_folder(model)}/{year}{month}{day}T{hour}{minute}{second}-{job}"


def _folder(model: str) -> str:
    # not below jobs/, whose list would have one name more, and still where those who write jobs may write
    return f"models/{model}/times/jobs"
