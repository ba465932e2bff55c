"""Options of a request, read from a small JSON object into a pydantic model."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from functions.core.errors import MAX_FAULTS, Fault, InvalidInputError
from functions.core.json_text import BODY, parse_json
from functions.core.unknown_keys import with_few_unknown
from functions.inference.json_body import read_json_bytes

OPTIONS_MAX_BYTES = 64_000
"""Limit of a body that holds no rows."""
OptionsModel = TypeVar("OptionsModel", bound=BaseModel)


async def read_options(request: Request, kind: type[OptionsModel]) -> OptionsModel:
    """Read the body as `kind`, an empty one as {}; raises InvalidInputError, and what read_json_bytes raises."""
    return parse_options(await read_json_bytes(request, OPTIONS_MAX_BYTES), kind)


def parse_options(body: bytes, kind: type[OptionsModel]) -> OptionsModel:
    """The body as `kind`, an empty one as {}. Raises InvalidInputError."""
    document = parse_json(body) if body else {}
    if isinstance(document, dict):
        # pydantic makes a fault of a kilobyte for each unknown key, before any can be left out
        document = with_few_unknown(document, kind.model_fields)
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        raise InvalidInputError(
            [Fault((BODY, *found["loc"]), found["msg"], found["type"]) for found in error.errors()[:MAX_FAULTS]]
        ) from None
