"""Batches from requests and from arrived files, their retry and their end by request; no other module makes a batch."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import orjson

from functions.core.batch_record import Batch
from functions.core.batches import Batches
from functions.core.clock import now
from functions.core.definition import BatchSchedule, Definition, Output
from functions.core.errors import (
    MAX_FAULTS,
    ConflictError,
    Fault,
    InvalidInputError,
    NotFoundError,
    ObjectNotFoundError,
)
from functions.core.jobs import job_id
from functions.core.json_text import BODY, TOO_DEEP, is_too_deep
from functions.core.schema import Schema
from functions.core.storage import Storage, is_object
from functions.core.tasks import INSTANCES
from functions.core.uploads import Arrival, UploadKey, batch_input_key, batch_retry_key, scheduled_key

SCHEDULER = "schedule"
"""The actor of a batch that model.toml schedules."""
SENDER = "upload"
"""The actor of a batch whose file came without a request."""
INSTANCES_FILE = "instances.jsonl"
MOST_FILE_BYTES = 5_000_000_000
"""The largest file that a form takes, as one POST to S3 has at most 5 GiB."""
RETRIED = ("partial", "failed", "cancelled")
"""The states of batches that can be run again."""


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """The options of a batch. `id` names the column of ids, None for the model's; `lookup` None means the default.

    By default the predictions of a file can be looked up if it has ids, and those of instances cannot.
    `idempotency_key` names the batch, where a client gave one.
    """

    output: Output = "jsonl"
    id: str | None = None
    lookup: bool | None = None
    keep_columns: bool = False
    measure: bool = False
    actor: str = "local"
    idempotency_key: str | None = None


class BatchSubmissions:
    """Writer of batches into the registry, and then of their files under to-predict/: no file is without its batch."""

    def __init__(self, records: Storage, files: Storage) -> None:
        self._batches = Batches(records, files)
        self._files = files

    def await_file(self, definition: Definition, file_name: str, request: BatchRequest) -> Batch:
        """A batch that starts when its file arrives under the key `input` of the batch.

        Raises InvalidInputError for lookups without an id, and for an idempotency key of another request.
        """
        return self._create(definition, request, file_name, fingerprint=[file_name])

    def submit(self, definition: Definition, instances: Sequence[Mapping[str, Any]], request: BatchRequest) -> Batch:
        """A batch of instances, whose file is written here.

        Raises InvalidInputError as `await_file` does, and for instances that are nested too deeply.
        """
        body = _lines(instances)
        wanted = request if request.lookup is not None else replace(request, lookup=False)
        digest = hashlib.sha256(body).hexdigest()
        batch = self._create(definition, wanted, INSTANCES_FILE, fingerprint=[INSTANCES, digest])
        # a batch that was planned, or has ended, has its file already
        if batch.plan is None and not batch.is_finished:
            self._files.write(batch.input, body)
        return batch

    def of_schedule(self, definition: Definition, schedule: BatchSchedule, moment: str) -> Batch:
        """The batch of a scheduled time; two schedulers that begin it make one. The file is copied as it is now.

        Raises ObjectNotFoundError if there is no file, and InvalidInputError for lookups without an id.
        """
        source = scheduled_key(definition.name, schedule.file)
        if not is_object(self._files, source):
            raise ObjectNotFoundError(source)
        name = job_id(definition.name, "schedule", moment)
        wanted = _batch(
            definition,
            BatchRequest(
                output=schedule.output,
                lookup=schedule.lookup if definition.schema.id is not None else False,
                keep_columns=schedule.keep_columns,
                actor=SCHEDULER,
            ),
            name=name,
            input=batch_input_key(definition.name, name, schedule.file),
            fingerprint=name,
        )
        batch, _ = self._batches.create(wanted)
        if batch.plan is None and not batch.is_finished:
            self._files.copy(source, batch.input)
        return batch

    def of_arrival(self, definition: Definition, arrival: Arrival) -> Batch | None:
        """The batch of a file that arrived; every notice of one arrival gives the same. None if no record waits for it.

        A file that a person dropped makes a batch with the defaults. Raises DamagedRecordError.
        """
        upload = UploadKey.parse(arrival.key)
        if upload is not None and upload.awaited_by is not None:
            try:
                batch = self._batches.read(definition.name, upload.awaited_by)
            except NotFoundError:
                return None
            is_its = arrival.key in (batch.input, batch_retry_key(batch.model, batch.batch, batch.attempt))
            return batch if is_its else None
        name = job_id(definition.name, arrival.key, arrival.identity)
        request = BatchRequest(actor=SENDER)
        return self._batches.create(_batch(definition, request, name=name, input=arrival.key, fingerprint=name))[0]

    def retry(self, model: str, batch: str) -> Batch:
        """Begin a batch again that ended without all of its results: what has none runs, with the same version.

        Raises NotFoundError, and ConflictError for one that has nothing to run, or goes on.
        """
        record = self._batches.read(model, batch)
        # a request that died after it had changed the record is ended by the next one
        if record.is_finished or not self._is_unstarted(record):
            record = self._batches.change(model, batch, self._begun_again)
        self._files.write(batch_retry_key(model, batch, record.attempt), b"{}")
        return record

    def cancel(self, model: str, batch: str) -> Batch:
        """Stop a batch: what is done stays. One that was cancelled before is left as it is.

        Raises NotFoundError, and ConflictError for one that has ended.
        """
        return self._batches.change(model, batch, _cancelled)

    def _create(
        self, definition: Definition, request: BatchRequest, file_name: str, *, fingerprint: Sequence[str]
    ) -> Batch:
        options = (definition.name, *fingerprint, request.output, _id_of(definition.schema, request), request.lookup)
        made = job_id(*options, request.keep_columns, request.measure)
        name = (
            job_id(definition.name, secrets.token_hex(16))
            if request.idempotency_key is None
            else job_id(definition.name, "batch", request.idempotency_key)
        )
        wanted = _batch(
            definition,
            request,
            name=name,
            input=batch_input_key(definition.name, name, file_name),
            fingerprint=made,
        )
        batch, _ = self._batches.create(wanted)
        if batch.fingerprint != made:
            fault = "this key belongs to a request with another file, other instances or options: use a new key"
            raise InvalidInputError([Fault(("header", "idempotency-key"), fault, "idempotency_key_reused")])
        return batch

    def _begun_again(self, record: Batch) -> Batch:
        if not record.is_finished:
            ending = "is ending" if record.cancelled is not None else "goes on"
            raise ConflictError(f"batch {record.batch} {ending}: only one that has ended can be retried")
        state = record.state(0)
        if state not in RETRIED:
            raise ConflictError(f"batch {record.batch} {state}: every row was read, and there is nothing to retry")
        if not self._is_there(record.input):
            raise ConflictError(f"the file of batch {record.batch} is not there (any more): send it as a new batch")
        done = len(self._batches.done_numbers(record))
        return record.begun_again(done)

    def _is_unstarted(self, record: Batch) -> bool:
        """True for an attempt that nobody was told to begin."""
        key = batch_retry_key(record.model, record.batch, record.attempt)
        return record.retried is not None and record.cancelled is None and not self._is_there(key)

    def _is_there(self, key: str) -> bool:
        """True for a file below to-predict/: who takes requests may list these files, and read none of them."""
        folder, _, name = key.rpartition("/")
        return name in self._files.children(folder)


def _lines(instances: Sequence[Mapping[str, Any]]) -> bytes:
    """The file of the instances. Raises InvalidInputError."""
    try:
        return b"".join(orjson.dumps(instance, option=orjson.OPT_APPEND_NEWLINE) for instance in instances)
    except TypeError:
        rows = islice((row for row, instance in enumerate(instances) if is_too_deep(instance)), MAX_FAULTS)
        raise InvalidInputError([Fault((BODY, INSTANCES, row), TOO_DEEP, "too_deep") for row in rows]) from None


def _cancelled(record: Batch) -> Batch:
    if record.cancelled is not None:
        return record
    if record.is_finished:
        raise ConflictError(f"batch {record.batch} has ended as {record.state(0)}: there is nothing to cancel")
    return replace(record, cancelled=now())


def _batch(definition: Definition, request: BatchRequest, *, name: str, input: str, fingerprint: str) -> Batch:
    moment = now()
    identity = _id_of(definition.schema, request)
    lookup = request.lookup if request.lookup is not None else identity is not None
    if lookup and identity is None:
        fault = "the model has no id: name the column of ids by `id`, or send lookup=false"
        raise InvalidInputError([Fault(("body", "lookup"), fault, "no_id")])
    return Batch(
        batch=name,
        model=definition.name,
        input=input,
        output=request.output,
        id=identity,
        lookup=lookup,
        actor=request.actor,
        fingerprint=fingerprint,
        created=moment,
        updated=moment,
        keep_columns=request.keep_columns,
        measure=request.measure,
        is_lookup_asked=request.lookup is not None,
    )


def _id_of(schema: Schema, request: BatchRequest) -> str | None:
    return request.id if request.id is not None else schema.id
