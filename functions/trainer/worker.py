"""Works on one arrived file: finds or makes its job, takes the lease, trains, writes down how it ended."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from functions.core.clock import now
from functions.core.definition import Definition
from functions.core.errors import (
    ConversionError,
    DamagedVersionError,
    DefinitionError,
    Fault,
    InvalidInputError,
    NotFoundError,
    ObjectNotFoundError,
    ParityError,
    StorageError,
    UnsupportedFormatError,
)
from functions.core.jobs import LEASE_SECONDS, MAX_ATTEMPTS, Job, Jobs, Lease, LeaseHeldError, job_id
from functions.core.registry import Registry
from functions.core.storage import Storage
from functions.core.uploads import Arrival, UploadKey
from model_export.rows import read_rows
from model_export.training import SupersededError, TrainingRun, train

logger = logging.getLogger(__name__)
FINAL_FAILURES = (ParityError, ConversionError, DefinitionError, DamagedVersionError, UnsupportedFormatError)


class Worker:
    """Trains what arrives; several may work on one registry at once."""

    def __init__(self, definitions: Mapping[str, Definition], registry: Registry, uploads: Storage) -> None:
        self._definitions = definitions
        self._registry = registry
        self._jobs = Jobs(registry.storage)
        self._uploads = uploads
        self._owner = secrets.token_hex(8)

    def handle(self, arrival: Arrival) -> Job | None:
        """The finished job; None for a file that is nobody's, or whose job had ended before.

        Raises LeaseHeldError while another worker has the job. Any other error means a crash: the job went
        back to the queue, or failed for good, and the arrival should be handled again.
        """
        upload = UploadKey.parse(arrival.key)
        definition = self._definitions.get(upload.model) if upload else None
        if upload is None or definition is None:
            logger.warning("no model takes %s", arrival.key)
            return None
        try:
            name = upload.job or self._job_for(definition, arrival).job
            lease = self._jobs.take(definition.name, name, owner=self._owner)
        except NotFoundError:
            logger.warning("no job waits for %s", arrival.key)
            return None
        if lease is None:
            return None
        with _kept_alive(lease):
            return self._work(lease, definition, arrival)

    def _job_for(self, definition: Definition, arrival: Arrival) -> Job:
        name = job_id(definition.name, arrival.key, arrival.identity)
        moment = now()
        job = Job(
            job=name,
            model=definition.name,
            upload=arrival.key,
            mode="replace",
            force=False,
            actor="upload",
            data_time=arrival.time,
            fingerprint=name,
            created=moment,
            updated=moment,
        )
        return self._jobs.create(job)[0]

    def _work(self, lease: Lease, definition: Definition, arrival: Arrival) -> Job:
        job = lease.job
        if job.attempts > MAX_ATTEMPTS:
            return lease.finish("failed", reason=f"the trainer died in each of {MAX_ATTEMPTS} attempts")
        if not definition.retrainable:
            return lease.finish("failed", reason=f"{definition.name} cannot be retrained here")
        try:
            return self._train(lease, definition, arrival)
        except InvalidInputError as error:
            errors = tuple(fault.to_dict() for fault in error.faults)
            return lease.finish("refused", reason=str(error), errors=errors)
        except SupersededError as error:
            return lease.finish("superseded", reason=str(error))
        except FINAL_FAILURES as error:
            return lease.finish("failed", reason=f"{type(error).__name__}: {error}")
        except LeaseHeldError:
            raise
        except Exception as error:
            lease.release(f"{type(error).__name__}: {error}")  # raises LeaseHeldError where the job is another's by now
            logger.exception("job %s of %s crashed", job.job, job.model)
            raise

    def _train(self, lease: Lease, definition: Definition, arrival: Arrival) -> Job:
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
            on_claim=lambda version: _tell(lease, claimed=version),
            progress=lambda stage, fraction: _tell(lease, stage=stage, progress=fraction),
        )
        result = train(self._registry, run)
        return lease.finish("succeeded", result=result, reason=result.reason, notes=rows.notes)

    def _read(self, key: str, definition: Definition) -> bytes:
        limit = definition.limits.max_training_bytes
        try:
            if self._uploads.size_bytes(key) > limit:
                raise InvalidInputError([Fault(("file",), f"the file is larger than {limit} bytes", "too_large")])
            return self._uploads.read(key).body
        except ObjectNotFoundError:
            raise InvalidInputError([Fault(("file",), "the file was removed before it was read", "missing")]) from None


def _tell(lease: Lease, **changes: object) -> None:
    lease.update(**changes)


@contextmanager
def _kept_alive(lease: Lease) -> Iterator[None]:
    """Prolongs the lease in the background, so that it ends soon after a crash and not before."""
    stop = threading.Event()

    def beat() -> None:
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
