"""Bodies of JSON requests, read within a limit."""

from __future__ import annotations

from collections.abc import Collection

from starlette.requests import ClientDisconnect, Request

from functions.core.errors import TooLargeError, UnsupportedMediaTypeError

LENGTH_DIGITS = 18
"""Digits of a content length that are read: int() refuses text of more than 4300 digits."""
FILE_KINDS = {"text/csv", "multipart/form-data"}
"""The content types with which a file is sent, by those who look for a path that takes one."""
FILE_ADVICE = "; POST .../uploads gives a form for a file to train on, POST .../batches one for a file to predict"


async def read_json_bytes(request: Request, max_bytes: int, *, also: Collection[str] = ()) -> bytes:
    """Read the body of a JSON request, which may also have one of the content types in `also`.

    Raises UnsupportedMediaTypeError for another content type, TooLargeError before more than `max_bytes`
    are held in memory, ClientDisconnect if the body does not come to its end.
    """
    _require_json(request, also)
    # refused before a byte is read; a client that announces less or nothing is stopped by the count below
    if announced_bytes(request) > max_bytes:
        raise _too_large(max_bytes)
    parts: list[bytes] = []
    received = 0
    is_whole = False
    while not is_whole:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part: bytes = message.get("body", b"")
        received += len(part)
        if received > max_bytes:
            raise _too_large(max_bytes)
        parts.append(part)
        is_whole = not message.get("more_body", False)
    return b"".join(parts)


def announced_bytes(request: Request) -> int:
    """Content length as the client gave it, 0 without one; cut after LENGTH_DIGITS digits, and then still too large."""
    announced = request.headers.get("content-length", "")
    return int(announced.lstrip("0")[:LENGTH_DIGITS] or 0) if announced.isdecimal() else 0


def _require_json(request: Request, also: Collection[str]) -> None:
    """Raise UnsupportedMediaTypeError for a body of another kind; without a content type it counts as JSON."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise UnsupportedMediaTypeError(f"content encoding {encoding!r}: send the JSON as it is, not compressed")
    kind, _, parameters = request.headers.get("content-type", "application/json").partition(";")
    kind = kind.strip().lower()
    # application/problem+json and the like are JSON too: RFC 6839
    is_json = kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))
    if not is_json and kind not in also:
        file = FILE_ADVICE if kind in FILE_KINDS else ""
        raise UnsupportedMediaTypeError(f"content type {kind!r}: send JSON with 'Content-Type: application/json'{file}")
    charset = parameters.lower().partition("charset=")[2].partition(";")[0].strip(' "')
    if charset not in ("", "utf-8", "utf8", "us-ascii"):
        raise UnsupportedMediaTypeError(f"charset {charset!r}: JSON is sent in UTF-8")


def _too_large(max_bytes: int) -> TooLargeError:
    return TooLargeError(f"the body is larger than {max_bytes} bytes: send it in parts, or a file by POST .../uploads")
