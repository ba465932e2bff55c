"""Declarations of routes for the OpenAPI document: the answer, every refusal, and a body that a route reads itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from functions.inference.control.responses import Envelope, Refusal
from functions.inference.openapi import FOUND, REFUSAL_REASONS, RETRY_AFTER

Responses = dict[int | str, dict[str, Any]]
JOB_DETAILS = "job_details"
BATCH_DETAILS = "batch_details"


def _place(kind: str, operation: str) -> dict[str, Any]:
    """The header and the link of an answer to the record of which it tells."""
    parameters = {"model": "$request.path.model", kind: f"$response.body#/data/{kind}"}
    return {
        "headers": {"Location": {"description": f"the {kind}", "required": True, "schema": {"type": "string"}}},
        "links": {kind: {"operationId": operation, "parameters": parameters}},
    }


JOB_PLACE = _place("job", JOB_DETAILS)
BATCH_PLACE = _place("batch", BATCH_DETAILS)


def refusals(statuses: Sequence[int]) -> Responses:
    """FastAPI's `responses` for the statuses with which a route refuses."""
    return {code: _refusal(code) for code in statuses}


def answers(
    data: Any,
    status: int = 200,
    *also: tuple[int, Any],
    refused: Sequence[int] = FOUND,
    place: Mapping[str, Any] = JOB_PLACE,
) -> Responses:
    """FastAPI's `responses` for a route that answers `data` with `status`, and refuses in the envelope.

    `place` describes the place of what an answer 201 or 202 has made.
    """
    accepted: Responses = {
        # Envelope[shape] for a shape that is known only here; a type checker takes brackets for a static type
        code: {"model": Envelope.__class_getitem__(shape), **(place if code in (201, 202) else {})}
        for code, shape in ((status, data), *also)
    }
    return accepted | refusals(refused)


def takes(kind: type[BaseModel], *, required: bool = True) -> dict[str, Any]:
    """FastAPI's `openapi_extra` for a route that reads its body as `kind` itself."""
    content = {"application/json": {"schema": kind.model_json_schema()}}
    return {"requestBody": {"required": required, "content": content}}


def _refusal(code: int) -> dict[str, Any]:
    described: dict[str, Any] = {"model": Refusal, "description": REFUSAL_REASONS[code]}
    return described | ({"headers": RETRY_AFTER} if code == 503 else {})
