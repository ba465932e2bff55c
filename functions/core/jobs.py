"""Training jobs: one record each, changed only by compare-and-swap, worked on under a lease.

A job is waiting (for its upload), queued or running. Its final state is succeeded, refused (the data is wrong),
superseded (newer data is in production) or failed.
"""

from __future__ import annotations

import hashlib
import logging
import re
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any, Literal

import orjson

from functions.core.clock import now
from functions.core.errors import (
    ConflictError,
    DamagedRecordError,
    NotFoundError,
    ObjectNotFoundError,
    PreconditionFailedError,
    StorageError,
)
from functions.core.excerpts import Excerpt
from functions.core.manifest import Mode
from functions.core.measured_on import MeasuredOn
from functions.core.records import read_record
from functions.core.storage import Storage
from functions.core.threads import both, in_threads
from functions.core.time_notes import forget_time, note_time, noted_times, read_newest

logger = logging.getLogger(__name__)
State = Literal["waiting", "queued", "running", "succeeded", "refused", "superseded", "failed"]
MAX_ATTEMPTS = 3
LEASE_SECONDS = 30.0
"""The time after which a silent worker counts as dead. A worker prolongs its lease three times within it."""
PROMOTE = "promote"
"""The stage after which production may have changed."""
JOB_ID = re.compile(r"[0-9a-f]{32}")
TERMINAL: frozenset[State] = frozenset({"succeeded", "refused", "superseded", "failed"})


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a training. `reason` says why the version was promoted, or why not.

    A metric that is undefined on the evaluation rows is NaN at first, and None after it was stored as JSON.
    """

    version: int
    promoted: bool
    reason: str
    metrics: Mapping[str, float | None]
    production_metrics: Mapping[str, float | None] | None
    rows: Mapping[str, int]

    @property
    def measured_on(self) -> MeasuredOn:
        return MeasuredOn(self.rows["evaluation"])

    @property
    def sentence(self) -> str:
        """The version and what became of it, in words."""
        return f"version {self.version} {'promoted' if self.promoted else 'not promoted'}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Job:
    """The record of a job. `upload` is the key of the file, `data_time` its time; progress goes from 0 to 1."""

    job: str
    model: str
    upload: str
    mode: Mode
    force: bool
    actor: str
    data_time: str
    fingerprint: str
    created: str
    updated: str
    state: State = "queued"
    stage: str = "queued"
    progress: float = 0.0
    attempts: int = 0
    lease_owner: str | None = None
    lease_until: str | None = None
    claimed: int | None = None
    reason: str | None = None
    notes: tuple[str, ...] = ()
    errors: tuple[Mapping[str, Any], ...] = ()
    result: Result | None = None

    @property
    def sentence(self) -> str:
        """The end of the job in words; before it, its stage."""
        return self.result.sentence if self.result else self.reason or self.stage

    @property
    def is_finished(self) -> bool:
        return self.state in TERMINAL

    def to_json(self) -> bytes:
        return orjson.dumps(asdict(self))


def job_id(*parts: object) -> str:
    """The name of a job: 32 hexadecimal digits that follow from the parts, so equal parts give one job."""
    return hashlib.sha256(orjson.dumps([str(part) for part in parts])).hexdigest()[:32]


class LeaseHeldError(ConflictError):
    """Another worker holds the job; it can be taken over when the lease ends."""


class LeaseEndedError(ConflictError):
    """The holder itself finished the job or gave it back, so this lease permits no more changes."""


@dataclass(slots=True)
class Lease:
    """The right of one worker to change one running job; safe among the threads of that worker."""

    storage: Storage
    job: Job
    etag: str
    # reentrant, because run_out calls update under the lock
    lock: threading.RLock = field(default_factory=threading.RLock)

    def begin(self, owner: str) -> None:
        """Start an attempt. Raises LeaseHeldError if another worker was faster."""
        with self.lock:
            self._write({"state": "running", "attempts": self.job.attempts + 1, "lease_owner": owner, "reason": None})

    def update(self, **changes: Any) -> Job:
        """Change fields of the record and prolong the lease.

        Raises LeaseHeldError if another worker took the job over, LeaseEndedError if it was finished or given back.
        """
        with self.lock:
            if self.job.lease_owner is None:
                raise LeaseEndedError(f"this attempt at job {self.job.job} is over: it is {self.job.state}")
            return self._write(changes)

    def prolong(self) -> None:
        """Extend the lease by LEASE_SECONDS; does nothing after the job was finished or given back."""
        with self.lock:
            if self.job.lease_owner is not None:
                self._write({})

    def _write(self, changes: Mapping[str, Any]) -> Job:
        fresh = {"lease_until": now(plus_seconds=LEASE_SECONDS), "updated": now()}
        job = replace(self.job, **{**fresh, **changes})
        try:
            self.etag = self.storage.replace(_key(job.model, job.job), job.to_json(), self.etag)
        except PreconditionFailedError:
            raise LeaseHeldError(f"job {job.job} was taken over by another worker") from None
        self.job = job
        return job

    def finish(self, state: State, **changes: Any) -> Job:
        """Write the final state and end the lease."""
        return self.update(**_ended(state, **changes))

    def release(self, reason: str) -> Job:
        """Return the job to the queue after a crash, or fail it after MAX_ATTEMPTS."""
        if self.job.attempts >= MAX_ATTEMPTS:
            return self.finish("failed", reason=f"{reason} (attempt {self.job.attempts} of {MAX_ATTEMPTS})")
        return self.update(state="queued", stage="queued", reason=reason, lease_owner=None, lease_until=None)

    def run_out(self, reason: str) -> Job:
        """Fail the job because its time is over. A job that only had to be promoted returns to the queue."""
        with self.lock:
            return self.release(reason) if self.job.stage == PROMOTE else self.finish("failed", reason=reason)


class Jobs:
    """The job records of a registry."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def create(self, job: Job) -> tuple[Job, bool]:
        """Write a new record and return it with True, or return the existing record with False.

        An unreadable record is replaced: it would block this request for ever.
        """
        key, body = _key(job.model, job.job), job.to_json()
        try:
            self._storage.create(key, body)
        except PreconditionFailedError:
            pass
        else:
            note_time(self._storage, job.model, "jobs", job.job, job.created)
            return job, True
        stored = self._storage.read(key)
        try:
            return read_record(stored.body, Job, key), False
        except DamagedRecordError as error:
            logger.error("%s; it is replaced", error)
        self._storage.replace(key, body, stored.etag)
        note_time(self._storage, job.model, "jobs", job.job, job.created)
        return job, True

    def read(self, model: str, job: str) -> Job:
        """Raises NotFoundError, DamagedRecordError."""
        return self._read(model, job)[0]

    def newest_first(self, model: str, start: int = 0, count: int | None = None) -> Excerpt[Job]:
        """An excerpt of the readable jobs of a model, newest first; the others are logged."""
        names, noted = self._names_and_notes(model)
        return read_newest(names, noted, partial(self._readable, model), start, count)

    def note_times(self, model: str, *, at_most: int) -> None:
        """Write notes that jobs lack, of an older release or after a crash, so that lists need not read these jobs.

        An error is logged only.
        """
        try:
            names, noted = self._names_and_notes(model)
            in_threads(partial(self._note_read, model), [name for name in names if name not in noted][:at_most])
        except StorageError as error:
            logger.warning("jobs of %s stay without a note of their time: %s", model, error)

    def _names_and_notes(self, model: str) -> tuple[list[str], dict[str, str]]:
        """The names of all jobs in ascending order, and the noted times of most."""
        files, noted = both(
            partial(self._storage.children, f"models/{model}/jobs"), partial(noted_times, self._storage, model, "jobs")
        )
        names = [name.removesuffix(".json") for name in files if name.endswith(".json")]
        return [name for name in names if JOB_ID.fullmatch(name)], noted

    def _readable(self, model: str, name: str) -> Job | None:
        try:
            return self.read(model, name)
        except (DamagedRecordError, NotFoundError) as error:
            logger.error("a job of %s is left out: %s", model, error)
            return None

    def _note_read(self, model: str, name: str) -> None:
        job = self._readable(model, name)
        if job is not None:
            note_time(self._storage, model, "jobs", name, job.created)

    def take(self, model: str, job: str, *, owner: str) -> Lease | None:
        """The lease of a job that nobody holds, or whose holder is silent; None for a finished job.

        Raises LeaseHeldError while another worker holds it, NotFoundError for an unknown job.
        """
        record, etag = self._read(model, job)
        if record.is_finished:
            return None
        if record.lease_until is not None and record.lease_until > now():
            raise LeaseHeldError(f"job {job} is held by {record.lease_owner} until {record.lease_until}")
        lease = Lease(self._storage, record, etag)
        lease.begin(owner)
        return lease

    def restart(self, model: str, job: str) -> Job:
        """Queue a failed job again with no attempts counted; any other job is returned unchanged."""
        record, etag = self._read(model, job)
        if record.state != "failed":
            return record
        again = replace(record, state="queued", stage="queued", progress=0.0, attempts=0, reason=None, updated=now())
        try:
            self._storage.replace(_key(model, job), again.to_json(), etag)
        except PreconditionFailedError:
            return self.read(model, job)
        return again

    def close(self, job: Job) -> bool:
        """Make a job final before its removal, so that nobody starts it again; False if it changed meanwhile."""
        record, etag = self._read(job.model, job.job)
        if record != job:
            return False
        if job.state not in ("failed", "waiting"):  # no request changes the others, or a worker holds them
            return job.is_finished
        closed = replace(job, **_ended("superseded", reason="it is older than the retention, and is removed"))
        try:
            self._storage.replace(_key(job.model, job.job), closed.to_json(), etag)
        except PreconditionFailedError:
            return False
        return True

    def delete(self, job: Job) -> None:
        """Remove the record of a job that was closed."""
        self._storage.delete(_key(job.model, job.job))
        forget_time(self._storage, job.model, "jobs", job.job, job.created)

    def _read(self, model: str, job: str) -> tuple[Job, str]:
        if not JOB_ID.fullmatch(job):
            raise NotFoundError("job", job)
        try:
            stored = self._storage.read(_key(model, job))
        except ObjectNotFoundError:
            raise NotFoundError("job", job) from None
        record = read_record(stored.body, Job, _key(model, job))
        return self._buried(record, stored.etag) if _is_dead(record) else (record, stored.etag)

    def _buried(self, job: Job, etag: str) -> tuple[Job, str]:
        """Fail a job whose workers all died. Every reader does so, because its message does not come again."""
        reason = f"the trainer died in each of {MAX_ATTEMPTS} attempts: give it more memory, or send fewer rows"
        failed = replace(job, updated=now(), **_ended("failed", reason=reason))
        try:
            return failed, self._storage.replace(_key(job.model, job.job), failed.to_json(), etag)
        except PreconditionFailedError:
            return self._read(job.model, job.job)
        except StorageError:  # a reader without permission to write gets the same answer
            return failed, etag


def _ended(state: State, **changes: Any) -> dict[str, Any]:
    """The fields that a final state changes in a record; the lease is removed."""
    return {"stage": state, "progress": 1.0, **changes, "state": state, "lease_owner": None, "lease_until": None}


def _is_dead(job: Job) -> bool:
    silent = job.lease_until is not None and job.lease_until <= now()
    return job.state == "running" and job.attempts >= MAX_ATTEMPTS and silent


def _key(model: str, job: str) -> str:
    return f"models/{model}/jobs/{job}.json"
