"""The work on an arrived file: find or make its job, take the lease, train, and record the result."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from functions.core.definition import Definition
from functions.core.errors import (
    ConflictError,
    ConversionError,
    DamagedVersionError,
    DefinitionError,
    DespliegueError,
    Fault,
    InvalidInputError,
    NotFoundError,
    ObjectNotFoundError,
    ParityError,
    StorageError,
    UnsupportedFormatError,
)
from functions.core.jobs import LEASE_SECONDS, Job, Jobs, Lease, LeaseEndedError, LeaseHeldError, Result, State
from functions.core.machine_memory import trainer_memory_bytes
from functions.core.registry import Registry
from functions.core.storage import Storage
from functions.core.submission import Submissions, require_retrainable
from functions.core.training_memory import require_fitting, training_limit
from functions.core.uploads import UPLOADS_PREFIX, Arrival, UploadKey
from functions.trainer.deadline import STOP_SECONDS, DeadlineError, ended_after
from model_export.training import SupersededError, TrainingRun, train
from model_export.training_files.rows import read_rows

logger = logging.getLogger(__name__)
Ended = Callable[[Job, float], None]
RunTraining = Callable[[Registry, TrainingRun], Result]
NOTED_JOBS = 1000
"""The most older jobs whose times are noted after a job. Those of an older release take a few jobs."""
NOTING_SECONDS = 60.0
"""The time that must be left for it."""
FINAL_FAILURES = (ParityError, ConversionError, DefinitionError, DamagedVersionError, UnsupportedFormatError)


class Worker:
    """A worker that trains on arrived files; several may share a registry.

    It calls `on_end` for every job that it ended, with the seconds of the last attempt. `train` makes a version from
    the rows of a job.
    """

    def __init__(
        self,
        definitions: Mapping[str, Definition],
        registry: Registry,
        uploads: Storage,
        *,
        on_end: Ended = lambda job, seconds: None,
        train: RunTraining = train,
    ) -> None:
        self._on_end = on_end
        self._definitions = definitions
        self._registry = registry
        self._jobs = Jobs(registry.storage)
        self._uploads = uploads
        self._submissions = Submissions(registry, uploads)
        self._train = train
        self._owner = secrets.token_hex(8)

    def handle(self, arrival: Arrival, *, seconds_left: float | None = None) -> Job | None:
        """Work on a file and return its finished job; None for a file of no model, or whose job ended before.

        With `seconds_left`, which requires the main thread, a job that is not finished STOP_SECONDS before that time
        fails. Raises LeaseHeldError while another worker holds the job. Any other error means a crash: the job
        returned to the queue or failed, and the arrival should be handled again.
        """
        upload = UploadKey.parse(arrival.key)
        definition = self._definitions.get(upload.model) if upload else None
        if upload is None or upload.prefix != UPLOADS_PREFIX or definition is None:
            logger.warning("%s belongs to no model", arrival.key)
            return None
        try:
            name = upload.awaited_by or self._submissions.for_arrival(definition, arrival).job
            lease = self._jobs.take(definition.name, name, owner=self._owner)
        except NotFoundError:
            logger.warning("no job waits for %s", arrival.key)
            return None
        if lease is None:
            return None
        attempt = _Attempt(lease, definition, self._on_end)
        with _kept_alive(lease):
            job = self._work(attempt) if seconds_left is None else self._work_until(attempt, seconds_left)
        if seconds_left is None or seconds_left - attempt.seconds > NOTING_SECONDS:
            self._jobs.note_times(definition.name, at_most=NOTED_JOBS)
        return job

    def _work_until(self, attempt: _Attempt, seconds_left: float) -> Job:
        try:
            with ended_after(seconds_left - STOP_SECONDS, lambda: attempt.run_out(seconds_left)):
                return self._work(attempt)
        except (DeadlineError, LeaseEndedError):
            job = attempt.lease.job
            if job.is_finished:
                return job
            raise TimeoutError(f"job {job.job} of {job.model} is to be taken up again: {job.reason}") from None

    def _work(self, attempt: _Attempt) -> Job:
        lease, definition = attempt.lease, attempt.definition
        try:
            require_retrainable(definition)
        except ConflictError as error:
            return attempt.end("failed", reason=str(error))
        try:
            return self._trained(attempt)
        except InvalidInputError as error:
            errors = tuple(fault.to_dict() for fault in error.faults)
            return attempt.end("refused", reason=str(error), errors=errors)
        except SupersededError as error:
            return attempt.end("superseded", reason=str(error))
        except FINAL_FAILURES as error:
            return attempt.end("failed", reason=f"{type(error).__name__}: {error}")
        except (LeaseHeldError, LeaseEndedError):
            raise
        except Exception as error:
            text = error.public if isinstance(error, DespliegueError) else str(error)
            attempt.crash(f"{type(error).__name__}: {text}")  # raises LeaseHeldError if another worker took over
            logger.exception("job %s of %s crashed", lease.job.job, lease.job.model)
            raise

    def _trained(self, attempt: _Attempt) -> Job:
        lease, definition = attempt.lease, attempt.definition
        job = lease.job
        lease.update(stage="read", progress=0.02)
        rows = read_rows(self._read(job.upload, definition), job.upload.rpartition("/")[2], definition)
        run = TrainingRun(
            definition=definition,
            table=rows.table,
            mode=job.mode,
            force=job.force,
            actor=job.actor,
            data_time=job.data_time,
            claimed=job.claimed,
            on_claim=lambda version: _update(lease, claimed=version),
            progress=lambda stage, fraction: _update(lease, stage=stage, progress=fraction),
            ids=rows.ids,
        )
        result = self._train(self._registry, run)
        return attempt.end("succeeded", result=result, reason=result.reason, notes=rows.notes)

    def _read(self, key: str, definition: Definition) -> bytes:
        limit = training_limit(definition.limits, trainer_memory_bytes())
        try:
            require_fitting(self._uploads.size_bytes(key), limit, "file")
            return self._uploads.read(key).body
        except ObjectNotFoundError:
            raise InvalidInputError([Fault(("file",), "the file was removed before it was read", "missing")]) from None


@dataclass(slots=True)
class _Attempt:
    """An attempt at one job, from taking its lease to its end."""

    lease: Lease
    definition: Definition
    on_end: Ended
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """The time since the attempt began."""
        return time.monotonic() - self.started

    def end(self, state: State, **changes: Any) -> Job:
        return self._reported(self.lease.finish(state, **changes))

    def crash(self, reason: str) -> None:
        self._reported(self.lease.release(reason))

    def run_out(self, seconds_left: float) -> bool:
        """Fail the job because its time is over. Returns False if the job just ended and nothing is left to stop."""
        reason = (
            f"not finished in {seconds_left:.0f} seconds: send fewer rows, choose a pipeline that is fitted faster, "
            "or give the trainer more memory, and processors with it"
        )
        try:
            self._reported(self.lease.run_out(reason))
        except LeaseEndedError:
            return False
        except (LeaseHeldError, StorageError) as error:
            logger.error("job %s is stopped, and could not be failed: %s", self.lease.job.job, error)
        return True

    def _reported(self, job: Job) -> Job:
        if job.is_finished:
            self.on_end(job, self.seconds)
        return job


def _update(lease: Lease, **changes: object) -> None:
    lease.update(**changes)


@contextmanager
def _kept_alive(lease: Lease) -> Iterator[None]:
    """Prolong the lease in the background, so that it ends soon after a crash and not before."""
    stop = threading.Event()

    def beat() -> None:
        # two beats may fail before the lease ends
        while not stop.wait(LEASE_SECONDS / 3):
            try:
                lease.prolong()
            except LeaseHeldError:
                return
            except StorageError as error:  # the next beat may come through before the lease ends
                logger.warning("the lease of job %s could not be prolonged: %s", lease.job.job, error)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
