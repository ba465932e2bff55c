"""Routes for retraining: submit rows, wait for their job, show jobs, make an upload form."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool

from functions.core.definition import Definition
from functions.core.errors import ConflictError, DespliegueError, Fault, InvalidInputError
from functions.core.history import Production
from functions.core.instances import faults_placed, parse_instances
from functions.core.jobs import Job, Result
from functions.core.manifest import Mode
from functions.core.patience import waited_seconds
from functions.core.row_budget import RowBudget
from functions.core.submission import TrainingRequest
from functions.core.training_data import require_enough_rows
from functions.core.validator import Validator
from functions.inference.addresses import outside_path, outside_url
from functions.inference.control import responses as shapes
from functions.inference.control.context import Control, IdempotencyKey, request_actor
from functions.inference.control.declarations import JOB_DETAILS, answers, takes
from functions.inference.control.file_names import FileName
from functions.inference.control.options import read_options
from functions.inference.control.paging import Page, PageSize, paged
from functions.inference.envelope import answer
from functions.inference.json_body import read_json_bytes
from functions.inference.openapi import CHANGED, LISTED

RESULT = ("version", "promoted", "metrics", "production_metrics", "rows", "measured_on")
"""Fields of a job's result that clients see."""
FAULTS_IN_LIST = 5
"""Faults of each job in a list. All of them, up to 1000 for each job, would be more than Lambda can answer."""
RESPOND_ASYNC = re.compile(r"\brespond-async\b", re.IGNORECASE)
ModeQuery = Annotated[Mode, Query(description="replace the training rows, or extend production's")]
ForceQuery = Annotated[bool, Query(description="promote even if the gate says no")]


class UploadRequest(BaseModel):
    """The file that will be posted; its ending says what it is: .csv, .json or .jsonl, with .gz after it if packed."""

    model_config = ConfigDict(extra="forbid")
    file_name: FileName = "rows.csv"


class TrainingFailedError(DespliegueError):
    """The job failed for a reason that is not in the rows."""


def training_router(control: Control) -> APIRouter:
    router = APIRouter(prefix="/models/{model}", tags=["training"])

    @router.post(
        "/retrain", responses=answers(shapes.Retrained, 200, (202, shapes.JobDetails), refused=(*CHANGED, 500))
    )
    async def retrain(
        request: Request,
        model: str,
        mode: ModeQuery = "replace",
        force: ForceQuery = False,
        idempotency_key: IdempotencyKey = None,
        prefer: Annotated[str, Header()] = "",
    ) -> Response:
        """Train a new version on labelled rows, and put it in production if it passes the gate.

        The answer waits up to 25 seconds for the result; a longer training is answered 202 with its job, which
        `Location` names. The example is one row: a training needs at least `minimum_training_rows` of them. Files go
        through `uploads`.
        """
        definition = control.retrainable(model)
        body = await read_json_bytes(request, definition.limits.max_payload_bytes)
        wanted = TrainingRequest(mode, force, request_actor(request.scope), idempotency_key)
        # rows are checked and written in a thread: both take seconds for a large body
        job = await run_in_threadpool(_submit, control, definition, body, wanted)
        if not RESPOND_ASYNC.search(prefer):
            job = await _wait(control, job)
        production = await run_in_threadpool(control.registry.production, model)
        return _outcome(request, job, production)

    @router.post(
        "/uploads",
        status_code=201,
        responses=answers(shapes.UploadForm, 201, refused=CHANGED),
        openapi_extra=takes(UploadRequest, required=False),
    )
    async def uploads(
        request: Request,
        model: str,
        mode: ModeQuery = "replace",
        force: ForceQuery = False,
    ) -> Response:
        """Get a form to upload a training file: CSV, JSON or JSON Lines, also compressed with gzip.

        POST the `fields` of the answer and then the file, as `multipart/form-data`, to its `url`. The training starts
        when the file is there; `job` is its id.
        """
        definition = control.retrainable(model)
        upload = await read_options(request, UploadRequest)
        wanted = TrainingRequest(mode, force, request_actor(request.scope))
        job = await run_in_threadpool(control.submissions.await_upload, definition, upload.file_name, wanted)
        link = control.links.create(job.upload, max_bytes=control.training_limit(definition))
        form = replace(link, url=outside_url(request, link.url))
        headers = {"Location": _location(request, job)}
        return answer(request, shapes.UploadForm.of(form, job=job.job), status=201, headers=headers)

    @router.get("/jobs", responses=answers(shapes.JobPage, refused=LISTED))
    def jobs(request: Request, model: str, page: Page = 1, page_size: PageSize = 50) -> Response:
        """The trainings of a model, newest first, each with its state, its result and the reason."""
        control.definition(model)
        read = partial(control.jobs.newest_first, model)
        production = control.registry.production(model)
        return answer(request, paged(shapes.JobPage, read, page, page_size, partial(_listed, production=production)))

    @router.get("/jobs/{job}", operation_id=JOB_DETAILS, responses=answers(shapes.JobDetails))
    def job_details(request: Request, model: str, job: str) -> Response:
        """One training: its progress, and in the end its metrics, whether it was promoted and why.

        For rows that were refused, it lists every fault.
        """
        control.definition(model)
        return answer(request, show_job(control.jobs.read(model, job), control.registry.production(model)))

    return router


def show_job(job: Job, production: Production | None) -> shapes.JobDetails:
    """The job for clients, while `production` serves: without its lease and its fingerprint."""
    of_result = {name: getattr(job.result, name, None) for name in RESULT}
    in_production = job.result is not None and _serves(job.result, production)
    return shapes.JobDetails.of(job, error_count=len(job.errors), in_production=in_production, **of_result)


def _listed(job: Job, production: Production | None) -> shapes.JobDetails:
    shown = show_job(job, production)
    return replace(shown, errors=shown.errors[:FAULTS_IN_LIST])


def _serves(result: Result, production: Production | None) -> bool:
    return production is not None and production.version == result.version


def _submit(control: Control, definition: Definition, body: bytes, wanted: TrainingRequest) -> Job:
    instances = parse_instances(body, RowBudget.of_training(definition))
    with faults_placed(instances.place):
        Validator(definition.schema, labelled=True).table(instances.rows)
    # only the trainer knows the number of rows after an extension
    least = definition.limits.minimum_training_rows if wanted.mode == "replace" else 1
    require_enough_rows(len(instances.rows), least, instances.place.path)
    return control.submissions.submit(definition, body, wanted)


async def _wait(control: Control, job: Job) -> Job:
    while not job.is_finished and (waited := waited_seconds()) < control.wait_seconds:
        if job.state == "queued" and control.is_stopping():
            break
        pause = pause_seconds(waited, control.poll_seconds)
        # the trainer is another process: the record in the registry is the only sign that it has finished
        await asyncio.sleep(min(pause, control.wait_seconds - waited))
        job = await run_in_threadpool(control.jobs.read, job.model, job.job)
    return job


def pause_seconds(waited_seconds: float, least_seconds: float) -> float:
    """The pause before the next look at a job: a tenth of the time waited, so that long waits cost few looks."""
    return max(least_seconds, waited_seconds / 10)


def _outcome(request: Request, job: Job, production: Production | None) -> Response:
    if job.state == "succeeded" and job.result is not None:
        serves = _serves(job.result, production)
        return answer(request, shapes.Retrained.of(job.result, job=job.job, in_production=serves))
    if job.state == "refused":
        raise InvalidInputError([Fault(tuple(entry["loc"]), entry["msg"], entry["type"]) for entry in job.errors])
    if job.state == "superseded":
        raise ConflictError(f"job {job.job}: {job.reason}")
    if job.state == "failed":
        raise TrainingFailedError(f"job {job.job}: {job.reason}")
    return answer(request, show_job(job, production), status=202, headers={"Location": _location(request, job)})


def _location(request: Request, job: Job) -> str:
    return outside_path(request.scope, f"/models/{job.model}/jobs/{job.job}")
