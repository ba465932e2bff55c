"""Request bodies: within the limit, JSON, and taken apart into instances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from functions.core.definition import Task
from functions.core.errors import Fault, InvalidInputError, TooLargeError, UnsupportedMediaTypeError
from functions.core.validation import MAX_FAULTS
from functions.inference.repeated_keys import repeated_keys

BODY = "body"
OPTIONS_BYTES = 64_000
"""How large a body may be that holds no rows."""
LENGTH_DIGITS = 18
Options = TypeVar("Options", bound=BaseModel)
INSTANCES = "instances"
ALSO_CALLED: Mapping[Task, tuple[str, ...]] = {"text-classification": ("texts",)}


@dataclass(frozen=True, slots=True)
class Instances:
    """The instances of a request and the path to them in its body."""

    rows: list[Any]
    prefix: tuple[str, ...]
    is_single: bool = False

    def place(self, fault: Fault) -> Fault:
        """A fault under (row, ...) put where the client wrote it."""
        rest = fault.loc[1:] if self.is_single else fault.loc
        return Fault((*self.prefix, *rest), fault.msg, fault.type)


def instances_names(task: Task) -> tuple[str, ...]:
    """What a task's instances may be called in a body to predict."""
    return (INSTANCES, *ALSO_CALLED.get(task, ()))


async def read_json_bytes(request: Request, max_bytes: int) -> bytes:
    """The body of a JSON request.

    Raises UnsupportedMediaTypeError for another content type, TooLargeError before more than `max_bytes`
    are held in memory.
    """
    _require_json(request)
    if announced_bytes(request) > max_bytes:
        raise _too_large(max_bytes)
    parts: list[bytes] = []
    received = 0
    async for part in request.stream():
        received += len(part)
        if received > max_bytes:
            raise _too_large(max_bytes)
        parts.append(part)
    return b"".join(parts)


async def read_options(request: Request, kind: type[Options]) -> Options:
    """A small JSON object as `kind`; an empty body counts as {}. Raises as read_json_bytes, and InvalidInputError."""
    body = await read_json_bytes(request, OPTIONS_BYTES)
    try:
        return kind.model_validate(parse_json(body) if body else {})
    except ValidationError as error:
        raise InvalidInputError(
            [Fault((BODY, *one["loc"]), one["msg"], one["type"]) for one in error.errors()[:MAX_FAULTS]]
        ) from None


def announced_bytes(request: Request) -> int:
    """The content length as the client gave it; 0 without one. One of absurdly many digits is cut, still absurd."""
    announced = request.headers.get("content-length", "")
    return int(announced.lstrip("0")[:LENGTH_DIGITS] or 0) if announced.isdecimal() else 0


def parse_instances(body: bytes, names: Sequence[str] = (INSTANCES,)) -> Instances:
    """One instance (an object), several (an array), or {"instances": [...]}; raises InvalidInputError.

    `names` are those that may stand for "instances".
    """
    payload = parse_json(body)
    if isinstance(payload, list):
        return Instances(payload, (BODY,))
    if not isinstance(payload, dict):
        raise _fault(
            (BODY,),
            'send one instance (an object), several (an array) or {"instances": [...]}',
            "instances_type",
        )
    name = next((one for one in names if one in payload), None)
    if name is None:
        return Instances([payload], (BODY,), is_single=True)
    rows = payload[name]
    if not isinstance(rows, list):
        raise _fault((BODY, name), f"{name} must be an array", "list_type")
    unknown = sorted(payload.keys() - {name})
    if unknown:
        faults = [Fault((BODY, one), f"unknown field beside {name}", "extra_forbidden") for one in unknown[:MAX_FAULTS]]
        raise InvalidInputError(faults)
    return Instances(rows, (BODY, name))


def parse_json(body: bytes) -> Any:
    """RFC 8259 JSON in UTF-8, without NaN, Infinity and repeated keys.

    Raises InvalidInputError that says where it breaks.
    """
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _fault((BODY, error.pos), f"not JSON: {error.msg}", "json_invalid") from None
    repeated = repeated_keys(body, found, MAX_FAULTS)
    if repeated:
        msg = "stands more than once in its object: send each key once"
        raise InvalidInputError([Fault((BODY, *place), f"{place[-1]!r} {msg}", "repeated_key") for place in repeated])
    return found


def _require_json(request: Request) -> None:
    """Refuse a body of another kind; raises UnsupportedMediaTypeError. Without a content type it counts as JSON."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise UnsupportedMediaTypeError(f"content encoding {encoding!r}: send the JSON as it is, not compressed")
    kind, _, parameters = request.headers.get("content-type", "application/json").partition(";")
    kind = kind.strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise UnsupportedMediaTypeError(f"content type {kind!r}: send JSON with 'Content-Type: application/json'")
    charset = parameters.lower().partition("charset=")[2].partition(";")[0].strip(' "')
    if charset not in ("", "utf-8", "utf8", "us-ascii"):
        raise UnsupportedMediaTypeError(f"charset {charset!r}: JSON is sent in UTF-8")


def _too_large(max_bytes: int) -> TooLargeError:
    return TooLargeError(f"the body is larger than {max_bytes} bytes: send it in parts, or a file by POST .../uploads")


def _fault(loc: tuple[str | int, ...], msg: str, kind: str) -> InvalidInputError:
    return InvalidInputError([Fault(loc, msg, kind)])
