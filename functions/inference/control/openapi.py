"""What the OpenAPI document says of a route: the answer, every refusal, and the body that the route reads by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from functions.inference.control.responses import Envelope, Refusal

Responses = dict[int | str, dict[str, Any]]
REFUSED = {
    404: "unknown model, version, job, argument or filter; the known ones are named",
    409: "the model cannot be retrained here, newer rows are in production, or the race was lost",
    413: "too many bytes, or too many instances",
    415: "the body is not JSON in UTF-8, or it is compressed",
    422: "what was sent breaks the schema: every fault with its place",
    500: "the job failed for a reason that is not in the rows",
    503: "no version to serve yet, or the registry cannot be read; try again",
}
FOUND = (404, 503)
"""How a GET for something named in the path refuses."""
LISTED = (404, 422, 503)
READ = (413, 415, 422, 503)
"""How a route with a body refuses."""
CHANGED = (404, 409, *READ)
JOB_DETAILS = "job_details"
RETRY_AFTER = {"Retry-After": {"description": "seconds", "required": True, "schema": {"type": "integer", "minimum": 1}}}
JOB_PLACE = {
    "headers": {"Location": {"description": "the job", "required": True, "schema": {"type": "string"}}},
    "links": {
        "job": {
            "operationId": JOB_DETAILS,
            "parameters": {"model": "$request.path.model", "job": "$response.body#/data/job"},
        }
    },
}


def refusals(statuses: Sequence[int]) -> Responses:
    return {code: _refusal(code) for code in statuses}


def answers(data: Any, status: int = 200, *also: tuple[int, Any], refused: Sequence[int] = FOUND) -> Responses:
    """FastAPI's `responses` for a route that answers `data` with `status`, and refuses in the envelope."""
    given: Responses = {
        code: {"model": Envelope.__class_getitem__(shape), **(JOB_PLACE if code in (201, 202) else {})}
        for code, shape in ((status, data), *also)
    }
    return given | refusals(refused)


def takes(kind: type[BaseModel], *, required: bool = True) -> dict[str, Any]:
    """FastAPI's `openapi_extra` for a route that reads its body as `kind` by itself."""
    content = {"application/json": {"schema": kind.model_json_schema()}}
    return {"requestBody": {"required": required, "content": content}}


def _refusal(code: int) -> dict[str, Any]:
    described: dict[str, Any] = {"model": Refusal, "description": REFUSED[code]}
    return described | ({"headers": RETRY_AFTER} if code == 503 else {})
