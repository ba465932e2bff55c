"""How a training request becomes a job and an upload: the one way in, from HTTP and from presigned forms."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from functions.core.clock import now
from functions.core.definition import Definition
from functions.core.errors import ConflictError, Fault, InvalidInputError
from functions.core.jobs import Job, Jobs, Mode, job_id
from functions.core.registry import Registry
from functions.core.storage import Storage
from functions.core.uploads import job_upload_key


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """How the trainer shall use the rows; `extend` adds them to production's own training rows."""

    mode: Mode = "replace"
    force: bool = False
    actor: str = "local"
    idempotency_key: str | None = None


class Submissions:
    """Writes jobs into the registry and their files under uploads/, in this order: a file is never without its job."""

    def __init__(self, registry: Registry, uploads: Storage) -> None:
        self._registry = registry
        self._jobs = Jobs(registry.storage)
        self._uploads = uploads

    def submit(self, definition: Definition, body: bytes, request: TrainingRequest) -> Job:
        """The job for `body` (JSON rows). The same request, while production stays the same, is the same job.

        A failed job is started again. Raises ConflictError for a model that cannot be retrained,
        InvalidInputError for an idempotency key that was used for another request.
        """
        require_retrainable(definition)
        fingerprint = job_id(definition.digest, hashlib.sha256(body).hexdigest(), request.mode, request.force)
        name = self._name(definition, fingerprint, request)
        upload = job_upload_key(definition.name, name, "instances.json")
        job, created = self._jobs.create(_job(definition, name, upload, fingerprint, request))
        if job.fingerprint != fingerprint:
            fault = "this key belongs to a request with other rows, mode or force: use a new key"
            raise InvalidInputError([Fault(("header", "idempotency-key"), fault, "idempotency_key_reused")])
        if not created:
            job = self._jobs.restart(definition.name, name)
        if job.state == "queued":
            self._uploads.write(upload, body)
        return job

    def await_upload(self, definition: Definition, file_name: str, request: TrainingRequest) -> Job:
        """A job that starts when its file arrives under the job's `upload` key."""
        require_retrainable(definition)
        name = job_id(definition.name, secrets.token_hex(16))
        upload = job_upload_key(definition.name, name, file_name)
        job = _job(definition, name, upload, name, request, waiting=True)
        return self._jobs.create(job)[0]

    def _name(self, definition: Definition, fingerprint: str, request: TrainingRequest) -> str:
        if request.idempotency_key is not None:
            return job_id(definition.name, "idempotency-key", request.idempotency_key)
        production = self._registry.promotable(definition.name).production
        return job_id(definition.name, fingerprint, production.serial if production else 0)


def require_retrainable(definition: Definition) -> None:
    """Raises ConflictError for a model that is trained elsewhere."""
    if not definition.retrainable:
        raise ConflictError(f"{definition.name} cannot be retrained here: train it elsewhere, then publish the result")


def _job(
    definition: Definition,
    name: str,
    upload: str,
    fingerprint: str,
    request: TrainingRequest,
    *,
    waiting: bool = False,
) -> Job:
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
        state="waiting" if waiting else "queued",
        stage="waiting" if waiting else "queued",
    )
