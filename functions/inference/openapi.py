"""Parts of the OpenAPI document that all routes share: refusals, and bodies and answers in JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]
REFUSAL_REASONS = {
    404: "unknown model, version, job, batch, prediction, argument or filter; the known ones are named",
    409: "the model cannot be retrained here, newer rows are in production, the batch goes on or has ended, or the "
    "race was lost",
    413: "too many bytes or instances, or an answer too large for AWS Lambda",
    415: "the body is not JSON in UTF-8, or it is compressed",
    422: "what was sent breaks the schema: every fault with its place",
    500: "the job failed for a reason that is not in the rows",
    503: "no version to serve yet, or the registry cannot be read; try again",
}
FOUND = (404, 413, 503)
"""Refusals of a GET for something named in the path."""
LISTED = (404, 413, 422, 503)
"""Refusals of a GET with a page, or a number in the path."""
READ = (413, 415, 422, 503)
"""Refusals of a route that predicts."""
CHANGED = (404, 409, *READ)
"""Refusals of a route that changes a model."""
RETRY_AFTER: Json = {
    "Retry-After": {"description": "seconds", "required": True, "schema": {"type": "integer", "minimum": 1}}
}


def json_body(schema: Json, example: Any = None) -> Json:
    content = {"schema": schema} | ({} if example is None else {"example": example})
    return {"required": True, "content": {"application/json": content}}


def json_answer(description: str, schema: Json) -> Json:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def refused_answers(statuses: Sequence[int], schema: Json) -> Json:
    """Answers that refuse a request, by status; `schema` describes their bodies."""
    answers = {str(status): json_answer(REFUSAL_REASONS[status], schema) for status in statuses}
    if "503" in answers:
        answers["503"]["headers"] = RETRY_AFTER
    return answers
