"""Options of a request: a small JSON object as a pydantic model."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from functions.core.errors import MAX_FAULTS, Fault, InvalidInputError
from functions.core.json_text import BODY, parse_json
from functions.inference.json_body import read_json_bytes

MAX_BYTES = 64_000
"""The most bytes of a body that holds no rows."""
Options = TypeVar("Options", bound=BaseModel)


async def read_options(request: Request, kind: type[Options]) -> Options:
    """A small JSON object as `kind`; an empty body counts as {}. Raises as read_json_bytes, and InvalidInputError."""
    body = await read_json_bytes(request, MAX_BYTES)
    try:
        return kind.model_validate(parse_json(body) if body else {})
    except ValidationError as error:
        raise InvalidInputError(
            [Fault((BODY, *one["loc"]), one["msg"], one["type"]) for one in error.errors()[:MAX_FAULTS]]
        ) from None
