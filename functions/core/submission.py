"""Jobs from training requests and from arrived files; no other module makes a job."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace

from functions.core.clock import now
from functions.core.definition import Definition
from functions.core.errors import ConflictError, Fault, InvalidInputError
from functions.core.history import Production
from functions.core.jobs import Job, Jobs, job_id
from functions.core.manifest import Mode
from functions.core.model_folder import SAMPLE
from functions.core.registry import Registry
from functions.core.storage import Storage
from functions.core.uploads import Arrival, job_upload_key

UPLOADER = "upload"
"""The actor of a job whose file came without a request."""
SAMPLE_ACTOR = "sample"
"""The actor of a job that trains the first version of a model."""


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """The options of a training; mode `extend` adds the rows to the training rows of production.

    `idempotency_key` names the job, where a client gave one.
    """

    mode: Mode = "replace"
    force: bool = False
    actor: str = "local"
    idempotency_key: str | None = None


class Submissions:
    """Writer of jobs into the registry, and then of their files under uploads/: no file is ever without its job."""

    def __init__(self, registry: Registry, uploads: Storage) -> None:
        self._registry = registry
        self._jobs = Jobs(registry.storage)
        self._uploads = uploads

    def submit(self, definition: Definition, body: bytes, request: TrainingRequest) -> Job:
        """The job for `body` (JSON rows). While production stays the same, equal requests give one job.

        A failed job is started again. Raises InvalidInputError for an idempotency key that was used for another
        request. The job of a model that is not retrainable will fail: call require_retrainable first.
        """
        fingerprint = job_id(definition.digest, hashlib.sha256(body).hexdigest(), request.mode, request.force)
        production = self._registry.promotable(definition.name).production
        name = _name(definition, fingerprint, request, production)
        upload = job_upload_key(definition.name, name, "instances.json")
        wanted = _job(definition, request, name=name, upload=upload, fingerprint=fingerprint)
        job, created = self._jobs.create(_in_order(wanted, production))
        if job.fingerprint != fingerprint:
            fault = "this key belongs to a request with other rows, mode or force: use a new key"
            raise InvalidInputError([Fault(("header", "idempotency-key"), fault, "idempotency_key_reused")])
        if not created:
            job = self._jobs.restart(definition.name, name)
        # a job that runs or ended has its file already
        if job.state == "queued":
            self._uploads.write(upload, body)
        return job

    def await_upload(self, definition: Definition, file_name: str, request: TrainingRequest) -> Job:
        """A job that starts when its file arrives under the key `upload` of the job."""
        name = job_id(definition.name, secrets.token_hex(16))
        upload = job_upload_key(definition.name, name, file_name)
        job = _job(definition, request, name=name, upload=upload, fingerprint=name)
        production = self._registry.promotable(definition.name).production
        return self._jobs.create(replace(_in_order(job, production), state="waiting", stage="waiting"))[0]

    def for_arrival(self, definition: Definition, arrival: Arrival) -> Job:
        """The job of a file that a person dropped; every notice of one arrival gives the same."""
        name = job_id(definition.name, arrival.key, arrival.identity)
        request = TrainingRequest(actor=UPLOADER)
        job = _job(definition, request, name=name, upload=arrival.key, fingerprint=name)
        return self._jobs.create(replace(job, data_time=arrival.time))[0]

    def for_sample(self, definition: Definition, body: bytes) -> Job:
        """The job that trains a first version on the sample of a model; an unchanged folder gives the same job."""
        name = job_id(definition.name, SAMPLE, definition.digest, hashlib.sha256(body).hexdigest())
        upload = job_upload_key(definition.name, name, SAMPLE)
        request = TrainingRequest(actor=SAMPLE_ACTOR)
        job = self._jobs.create(_job(definition, request, name=name, upload=upload, fingerprint=name))[0]
        if job.state == "queued":
            self._uploads.write(upload, body)
        return job


def require_retrainable(definition: Definition) -> None:
    """Raise ConflictError for a model that is trained elsewhere."""
    if not definition.retrainable:
        raise ConflictError(f"{definition.name} cannot be retrained here: train it elsewhere, then publish the result")


def _job(definition: Definition, request: TrainingRequest, *, name: str, upload: str, fingerprint: str) -> Job:
    moment = now()
    return Job(
        job=name,
        model=definition.name,
        upload=upload,
        mode=request.mode,
        force=request.force,
        actor=request.actor,
        data_time=moment,
        fingerprint=fingerprint,
        created=moment,
        updated=moment,
    )


def _name(definition: Definition, fingerprint: str, request: TrainingRequest, production: Production | None) -> str:
    if request.idempotency_key is not None:
        return job_id(definition.name, "idempotency-key", request.idempotency_key)
    return job_id(definition.name, fingerprint, production.serial if production else 0)


def _in_order(job: Job, production: Production | None) -> Job:
    """The job with data that is no older than production's: the request came after that promotion, whatever clocks say.

    A clock that went back, or was ahead once, would otherwise refuse every request until it is past that time.
    """
    return job if production is None else replace(job, data_time=max(job.data_time, production.data_time))
