"""Trainings: labelled rows or a file sent, and their job followed to its end."""

from __future__ import annotations

from typing import Literal
from uuid import uuid4

from despliegue_client.api import Api, model_path
from despliegue_client.errors import TrainingError
from despliegue_client.exchange import Operation, Record
from despliegue_client.sources import RowSource, Source, source_of
from despliegue_client.waiting import followed

Mode = Literal["replace", "extend"]
UNFINISHED = ("waiting", "queued", "running")


def retrain(
    api: Api, model: str, data: Source, *, mode: Mode, force: bool, key: str | None, wait: bool
) -> Operation[Record]:
    """The job: as it ended, or as it began if nobody waits. Raises TrainingError, ApiError."""
    source = source_of(data)
    limits = yield from api.limits_of(model)
    if isinstance(source, RowSource) and source.fits(limits["max_payload_bytes"]):
        begun = yield from api.change(
            "POST",
            model_path(model, "retrain"),
            source.table.body(),
            key=key or uuid4().hex,
            headers={"Prefer": "respond-async"},
            mode=mode,
            force=force,
        )
    else:
        path = model_path(model, "uploads")
        begun = yield from api.change("POST", path, {"file_name": source.name}, mode=mode, force=force)
        yield from api.upload(begun, source.form_file(begun))
    job = begun["job"]
    if not wait:
        return (yield from job_details(api, model, job))
    return (yield from job_end(api, model, job))


def job_details(api: Api, model: str, job: str) -> Operation[Record]:
    return (yield from api.get(model_path(model, "jobs", job)))


def job_end(api: Api, model: str, job: str) -> Operation[Record]:
    """The job as it ended. Raises TrainingError unless it made a version; a version need not be promoted."""
    ended = yield from followed(lambda: job_details(api, model, job), UNFINISHED)
    if ended["state"] != "succeeded":
        raise TrainingError(ended)
    return ended
