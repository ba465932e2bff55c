"""What the OpenAPI document says of a route: the answer, every refusal, and the body that the route reads by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from functions.inference.control.responses import Envelope, Refusal
from functions.inference.openapi import FOUND, REFUSED, RETRY_AFTER

Responses = dict[int | str, dict[str, Any]]
JOB_DETAILS = "job_details"
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
