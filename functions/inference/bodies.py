"""Request bodies: within the limit, JSON, and taken apart into instances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request

from functions.core.definition import Task
from functions.core.errors import Fault, InvalidInputError, TooLargeError, UnsupportedMediaTypeError

BODY = "body"
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
    require_json(request)
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > max_bytes:
        raise _too_large(max_bytes)
    parts: list[bytes] = []
    received = 0
    async for part in request.stream():
        received += len(part)
        if received > max_bytes:
            raise _too_large(max_bytes)
        parts.append(part)
    return b"".join(parts)


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
        faults = [Fault((BODY, one), f"unknown field beside {name}", "extra_forbidden") for one in unknown]
        raise InvalidInputError(faults)
    return Instances(rows, (BODY, name))


def parse_json(body: bytes) -> Any:
    """RFC 8259 JSON in UTF-8: no NaN, no Infinity; raises InvalidInputError that says where it breaks."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _fault((BODY, error.pos), f"not JSON: {error.msg}", "json_invalid") from None


def require_json(request: Request) -> None:
    """Refuse a body of another kind; raises UnsupportedMediaTypeError. Without a content type it counts as JSON."""
    content_type = request.headers.get("content-type")
    if content_type is None:
        return
    kind, _, parameters = content_type.partition(";")
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
