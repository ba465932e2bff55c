"""Training jobs: one record each, changed only by compare-and-swap, worked on under a lease.

States: waiting (for its upload), queued, running; then for ever succeeded, refused (the data is wrong),
superseded (newer data is in production) or failed.
"""

from __future__ import annotations

import hashlib
import logging
import re
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, get_args

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
from functions.core.records import decode
from functions.core.storage import Storage

logger = logging.getLogger(__name__)
State = Literal["waiting", "queued", "running", "succeeded", "refused", "superseded", "failed"]
Mode = Literal["replace", "extend"]
MODES: tuple[Mode, ...] = get_args(Mode)
MAX_ATTEMPTS = 3
LEASE_SECONDS = 30.0
PROMOTE = "promote"
"""The stage after which production may have changed."""
JOB_ID = re.compile(r"[0-9a-f]{32}")
TERMINAL: frozenset[State] = frozenset({"succeeded", "refused", "superseded", "failed"})


@dataclass(frozen=True, slots=True)
class Result:
    """What training came to. `reason` says why the version was, or was not, promoted.

    A metric that the evaluation rows leave undefined is None once it was written down.
    """

    version: int
    promoted: bool
    reason: str
    metrics: Mapping[str, float | None]
    production_metrics: Mapping[str, float | None] | None
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Job:
    """`upload` is the key of the training file, `data_time` when it was made; progress goes from 0 to 1."""

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
    def is_finished(self) -> bool:
        return self.state in TERMINAL

    def to_json(self) -> bytes:
        return orjson.dumps(asdict(self))


def job_id(*parts: object) -> str:
    """A name for a job that is the same whenever the parts are: 32 hexadecimal digits."""
    return hashlib.sha256(orjson.dumps([str(part) for part in parts])).hexdigest()[:32]


class LeaseHeldError(ConflictError):
    """Somebody works on the job; it can be taken over when the lease ends."""


class LeaseEndedError(ConflictError):
    """The holder itself finished the job or gave it back: it changes no more by this lease."""


@dataclass(slots=True)
class Lease:
    """The right to change one running job, kept by its holder; safe among the holder's threads."""

    storage: Storage
    job: Job
    etag: str
    lock: threading.RLock = field(default_factory=threading.RLock)

    def begin(self, owner: str) -> None:
        """Start an attempt. Raises LeaseHeldError where somebody else was faster."""
        with self.lock:
            self._write({"state": "running", "attempts": self.job.attempts + 1, "lease_owner": owner, "reason": None})

    def update(self, **changes: Any) -> Job:
        """Change fields of the record and prolong the lease.

        Raises LeaseHeldError if it was taken over, LeaseEndedError after the job was finished or given back.
        """
        with self.lock:
            if self.job.lease_owner is None:
                raise LeaseEndedError(f"this attempt at job {self.job.job} is over: it is {self.job.state}")
            return self._write(changes)

    def prolong(self) -> None:
        """Keep the lease for another while; does nothing once the job was finished or given back."""
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
        """Write the final state; the lease ends with it."""
        return self.update(**_ended(state, **changes))

    def release(self, reason: str) -> Job:
        """Give the job back to the queue after a crash, or fail it for good after MAX_ATTEMPTS."""
        if self.job.attempts >= MAX_ATTEMPTS:
            return self.finish("failed", reason=f"{reason} (attempt {self.job.attempts} of {MAX_ATTEMPTS})")
        return self.update(state="queued", stage="queued", reason=reason, lease_owner=None, lease_until=None)

    def run_out(self, reason: str) -> Job:
        """Fail the job because its time is over; one that had only its promotion left is given back to be promoted."""
        with self.lock:
            return self.release(reason) if self.job.stage == PROMOTE else self.finish("failed", reason=reason)


class Jobs:
    """The job records of a registry."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def create(self, job: Job) -> tuple[Job, bool]:
        """Write a new record; returns it and True, or the record that stood there and False.

        One that cannot be read is written over: it would block this request for ever.
        """
        key, body = _key(job.model, job.job), job.to_json()
        try:
            self._storage.create(key, body)
        except PreconditionFailedError:
            pass
        else:
            return job, True
        found = self._storage.read(key)
        try:
            return decode(found.body, Job, key), False
        except DamagedRecordError as error:
            logger.error("%s; it is written anew", error)
        self._storage.replace(key, body, found.etag)
        return job, True

    def read(self, model: str, job: str) -> Job:
        """Raises NotFoundError, DamagedRecordError."""
        return self._read(model, job)[0]

    def newest_first(self, model: str) -> list[Job]:
        """Those that can be read; the others are logged."""
        names = [name.removesuffix(".json") for name in self._storage.children(f"models/{model}/jobs")]
        found: list[Job] = []
        for name in names:
            try:
                found.append(self.read(model, name))
            except (DamagedRecordError, NotFoundError) as error:
                logger.error("a job of %s is left out: %s", model, error)
        return sorted(found, key=lambda job: job.created, reverse=True)

    def take(self, model: str, job: str, *, owner: str) -> Lease | None:
        """The lease of a job that waits or whose holder has fallen silent; None once it is finished.

        Raises LeaseHeldError while another worker holds it, NotFoundError for an unknown job.
        """
        found, etag = self._read(model, job)
        if found.is_finished:
            return None
        if found.lease_until is not None and found.lease_until > now():
            raise LeaseHeldError(f"job {job} is held by {found.lease_owner} until {found.lease_until}")
        lease = Lease(self._storage, found, etag)
        lease.begin(owner)
        return lease

    def restart(self, model: str, job: str) -> Job:
        """Queue a failed job again, its attempts at zero; any other job is returned as it is."""
        found, etag = self._read(model, job)
        if found.state != "failed":
            return found
        again = replace(found, state="queued", stage="queued", progress=0.0, attempts=0, reason=None, updated=now())
        try:
            self._storage.replace(_key(model, job), again.to_json(), etag)
        except PreconditionFailedError:
            return self.read(model, job)
        return again

    def _read(self, model: str, job: str) -> tuple[Job, str]:
        if not JOB_ID.fullmatch(job):
            raise NotFoundError("job", job)
        try:
            found = self._storage.read(_key(model, job))
        except ObjectNotFoundError:
            raise NotFoundError("job", job) from None
        record = decode(found.body, Job, _key(model, job))
        return self._buried(record, found.etag) if _is_dead(record) else (record, found.etag)

    def _buried(self, job: Job, etag: str) -> tuple[Job, str]:
        """A job whose every worker died is failed by whoever sees it first: its message comes no more."""
        reason = f"the trainer died in each of {MAX_ATTEMPTS} attempts: give it more memory, or send fewer rows"
        failed = replace(job, updated=now(), **_ended("failed", reason=reason))
        try:
            return failed, self._storage.replace(_key(job.model, job.job), failed.to_json(), etag)
        except PreconditionFailedError:
            return self._read(job.model, job.job)
        except StorageError:  # whoever may only read sees it all the same
            return failed, etag


def _ended(state: State, **changes: Any) -> dict[str, Any]:
    """What a final state changes in a record; no lease is left."""
    return {"stage": state, "progress": 1.0, **changes, "state": state, "lease_owner": None, "lease_until": None}


def _is_dead(job: Job) -> bool:
    silent = job.lease_until is not None and job.lease_until <= now()
    return job.state == "running" and job.attempts >= MAX_ATTEMPTS and silent


def _key(model: str, job: str) -> str:
    return f"models/{model}/jobs/{job}.json"
