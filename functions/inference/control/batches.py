"""Routes for batches: send a file or instances to predict, see what became of them, cancel, retry."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Annotated, Any, Self

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, StrictBool, StrictStr, model_validator
from pydantic_core import PydanticCustomError
from starlette.concurrency import run_in_threadpool

from functions.core.batch_costs import batch_cost
from functions.core.batch_keys import error_keys, part_keys
from functions.core.batch_progress import Tally, batch_progress
from functions.core.batch_record import Batch, ShardResult
from functions.core.batch_submission import MOST_FILE_BYTES, BatchRequest
from functions.core.clock import now
from functions.core.definition import Definition, Output
from functions.core.errors import MAX_FAULTS, DamagedRecordError
from functions.core.lookups import answering_batch
from functions.core.row_budget import RowBudget
from functions.core.uploads import LINK_SECONDS
from functions.inference.addresses import outside_path, outside_url
from functions.inference.control import responses as shapes
from functions.inference.control.context import Control, IdempotencyKey, request_actor
from functions.inference.control.declarations import BATCH_DETAILS, BATCH_PLACE, answers, takes
from functions.inference.control.file_names import BatchFileName
from functions.inference.control.options import parse_options
from functions.inference.control.paging import Page, PageSize, paged
from functions.inference.envelope import answer
from functions.inference.json_body import read_json_bytes
from functions.inference.openapi import CHANGED, LISTED

logger = logging.getLogger(__name__)
FILE_OR_INSTANCES: list[JsonValue] = [
    {
        "required": ["file_name"],
        "properties": {"file_name": {"type": "string"}, "instances": {"type": "null"}},
    },
    {
        "required": ["instances"],
        "properties": {"instances": {"type": "array"}, "file_name": {"type": "null"}},
    },
]
"""The rule of `_require_rows` in JSON Schema."""


def _until_enough_faults(rows: Any) -> Any:
    """The rows up to the last fault that an answer lists: pydantic makes one of a kilobyte for each row in a list."""
    if not isinstance(rows, list):
        return rows
    wrong = (place for place, row in enumerate(rows) if not isinstance(row, dict))
    last = next(islice(wrong, MAX_FAULTS - 1, None), None)
    return rows if last is None else rows[: last + 1]


class BatchBody(BaseModel):
    """The rows to predict, as a file that will be posted or as instances, and what is made of them."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"oneOf": FILE_OR_INSTANCES})
    file_name: BatchFileName | None = None
    instances: Annotated[list[dict[str, Any]], Field(min_length=1), BeforeValidator(_until_enough_faults)] | None = None
    output: Output = "jsonl"
    id: Annotated[StrictStr, Field(min_length=1, max_length=200, description="the column of ids")] | None = None
    lookup: StrictBool | None = Field(default=None, description="store the predictions by id; for a file by default")
    keep_columns: StrictBool = Field(default=False, description="write every column that was sent beside predictions")
    measure: StrictBool = Field(default=False, description="compute metrics where the file has the target")

    @model_validator(mode="after")
    def _require_rows(self) -> Self:
        if (self.file_name is None) == (self.instances is None):
            raise PydanticCustomError("batch_rows", "send either file_name or instances")
        return self


def batch_router(control: Control) -> APIRouter:
    router = APIRouter(prefix="/models/{model}/batches", tags=["batches"])
    batching = control.batching

    @router.post(
        "",
        status_code=201,
        responses=answers(shapes.BatchForm, 201, (202, shapes.BatchDetails), refused=CHANGED, place=BATCH_PLACE),
        openapi_extra=takes(BatchBody),
    )
    async def send_batch(request: Request, model: str, idempotency_key: IdempotencyKey = None) -> Response:
        """Predict a file, which is posted by the form of the answer, or instances at once.

        With `file_name` the answer is 201: POST its `fields` and then the file to its `url`, and the batch begins. With
        `instances` it is 202, and the batch begins at once. So is a repeated request, by its Idempotency-Key, for a
        file that the batch has read: there is no form then.
        """
        definition = control.definition(model)
        body = await read_json_bytes(request, definition.limits.max_payload_bytes)
        # thousands of instances are checked and written in a thread
        wanted = await run_in_threadpool(_parsed, definition, body)
        options = _options(wanted, request_actor(request.scope), idempotency_key)
        if wanted.instances is not None:
            batch = await run_in_threadpool(batching.submissions.submit, definition, wanted.instances, options)
            return await run_in_threadpool(_accepted, control, request, batch)
        file_name = wanted.file_name or ""
        batch = await run_in_threadpool(batching.submissions.await_file, definition, file_name, options)
        if batch.plan is not None or batch.is_finished:
            # the file posted again would be another one to the batch that reads it
            return await run_in_threadpool(_accepted, control, request, batch)
        link = control.links.create(batch.input, max_bytes=MOST_FILE_BYTES)
        form = replace(link, url=outside_url(request, link.url))
        shown = shapes.BatchForm.of(form, batch=batch.batch)
        return answer(request, shown, status=201, headers={"Location": _location(request, batch)})

    @router.get("", responses=answers(shapes.BatchPage, refused=LISTED))
    def batches(request: Request, model: str, page: Page = 1, page_size: PageSize = 50) -> Response:
        """The batches of a model, newest first, each with its state and its progress."""
        control.definition(model)
        read = partial(batching.batches.newest_first, model)
        show = partial(_listed, control, _answering(control, model))
        return answer(request, paged(shapes.BatchPage, read, page, page_size, show))

    @router.get("/{batch}", operation_id=BATCH_DETAILS, responses=answers(shapes.BatchDetails, refused=LISTED))
    def batch_details(request: Request, model: str, batch: str, page: Page = 1, page_size: PageSize = 50) -> Response:
        """One batch: its progress, its faults, and links to its results and errors.

        The links need no token, and end after an hour.
        """
        control.definition(model)
        record = batching.batches.read(model, batch)
        return answer(request, _details(control, request, record, page, page_size))

    @router.delete("/{batch}", responses=answers(shapes.BatchDetails, refused=CHANGED))
    def cancel_batch(request: Request, model: str, batch: str) -> Response:
        """Cancel a batch; the results of shards that are done stay."""
        control.definition(model)
        return answer(request, _details(control, request, batching.submissions.cancel(model, batch)))

    @router.post(
        "/{batch}/retry",
        status_code=202,
        responses=answers(shapes.BatchDetails, 202, refused=CHANGED, place=BATCH_PLACE),
    )
    def retry_batch(request: Request, model: str, batch: str) -> Response:
        """Run what has no output, by the same version."""
        control.definition(model)
        return _accepted(control, request, batching.submissions.retry(model, batch))

    return router


def _parsed(definition: Definition, body: bytes) -> BatchBody:
    budget = RowBudget.of_batch(definition)
    budget.check_body(body)
    wanted = parse_options(body, BatchBody)
    budget.check_rows(len(wanted.instances or ()))
    return wanted


def _options(wanted: BatchBody, actor: str, idempotency_key: str | None) -> BatchRequest:
    return BatchRequest(
        output=wanted.output,
        id=wanted.id,
        lookup=wanted.lookup,
        keep_columns=wanted.keep_columns,
        measure=wanted.measure,
        actor=actor,
        idempotency_key=idempotency_key,
    )


def _accepted(control: Control, request: Request, batch: Batch) -> Response:
    headers = {"Location": _location(request, batch)}
    return answer(request, _details(control, request, batch), status=202, headers=headers)


def _location(request: Request, batch: Batch) -> str:
    return outside_path(request.scope, f"/models/{batch.model}/batches/{batch.batch}")


def _answering(control: Control, model: str) -> str | None:
    """The batch that answers; None also if that cannot be read: a damaged pointer hides no batch."""
    try:
        found = answering_batch(control.batching.records, model)
    except DamagedRecordError as error:
        logger.error("%s", error)
        return None
    return None if found is None else found.batch


def _listed(control: Control, answering: str | None, batch: Batch) -> shapes.BatchSummary:
    return shapes.BatchSummary(**_fields(control, answering, batch, _markers(control, batch)))


def _details(
    control: Control, request: Request, batch: Batch, page: int = 1, page_size: int = 50
) -> shapes.BatchDetails:
    markers = _markers(control, batch)
    result = batch.result
    linked = partial(_links, control, request, batch, page, page_size)
    return shapes.BatchDetails(
        **_fields(control, _answering(control, batch.model), batch, markers),
        faults=[shapes.FaultEntry(**fault) for fault in batch.faults],
        results=linked(part_keys(batch, markers) if result is None else result.parts),
        errors=linked(error_keys(batch, markers) if result is None else result.errors),
    )


def _markers(control: Control, batch: Batch) -> Sequence[ShardResult]:
    """The markers of a batch that goes on; the result of any other has what they say."""
    return () if batch.plan is None or batch.result is not None else control.batching.batches.results(batch)


def _fields(control: Control, answering: str | None, batch: Batch, markers: Sequence[ShardResult]) -> dict[str, Any]:
    tally = Tally.of_result(batch) or Tally.of_markers(markers)
    progress = batch_progress(batch, tally, now())
    prices, plan, result = control.batching.prices, batch.plan, batch.result
    own = ("batch", "model", "output", "id", "lookup", "keep_columns", "measure", "actor", "attempt", "created")
    return {
        **{name: getattr(batch, name) for name in (*own, "updated")},
        "state": batch.state(len(markers)),
        "file_name": batch.input.rpartition("/")[2],
        "answers": batch.batch == answering,
        "version": plan and plan.version,
        "rows": progress.rows,
        "shards": progress.shards,
        "seconds_left": progress.seconds_left,
        "cost": None if prices is None else batch_cost(batch, tally, prices),
        "reason": result and result.reason,
        "no_lookup": result and result.no_lookup,
        "notes": plan.notes if plan else (),
        "metrics": result and result.metrics,
    }


def _links(
    control: Control, request: Request, batch: Batch, page: int, page_size: int, keys: Sequence[str]
) -> shapes.FileLinks:
    start = (page - 1) * page_size
    links = [_link(control, request, batch, key) for key in keys[start : start + page_size]]
    return shapes.FileLinks(links, page, page_size, len(keys), LINK_SECONDS)


def _link(control: Control, request: Request, batch: Batch, key: str) -> shapes.FileLink:
    *_, folder, file = key.split("/")
    saved_as = f"{batch.model}-{batch.batch[:8]}-{folder}-{file}"
    return shapes.FileLink(file, outside_url(request, control.batching.downloads.create(key, file_name=saved_as)))
