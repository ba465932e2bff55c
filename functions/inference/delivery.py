"""Answers as they are delivered: compressed for clients that take gzip, never cached or taken for another type, small
enough for Lambda.
"""

from __future__ import annotations

import gzip
from http import HTTPStatus
from json.encoder import encode_basestring_ascii
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from functions.core.errors import TooLargeError
from functions.inference.failures import refuse
from functions.inference.long_work import run_long

LAMBDA_ANSWER_BYTES = 6_291_556
"""The longest answer that Lambda takes, as the JSON that the function returns: 6 MiB and 100 bytes."""
AROUND_BODY_BYTES = 8_000
"""Kept free for the status and the headers in that JSON; a header of ours has 200 characters at most."""
ESCAPED_CHARACTERS = 6
"""The most characters that a byte of UTF-8 can become in JSON: a control character, or a half of an é, is \\u0000."""
WORTH_COMPRESSING_BYTES = 1_400
"""A smaller answer is one packet anyway."""
INLINE_BYTES = 100_000
"""A larger answer is compressed and counted in a thread: it takes milliseconds, and would hold up other requests."""
GZIP_LEVEL = 1
"""Predictions with random scores become 26 % at this level, and 24 % at level 6, which takes three times as long."""
COMPRESSED_TYPES = ("application/json", "text/")
NO_STORE = (b"cache-control", b"no-store")
NO_SNIFF = (b"x-content-type-options", b"nosniff")
"""Browsers take an answer for what its content type says: texts that were sent are never a page."""


class Delivery:
    """Delivers the answers of `app`, or refuses them (413) where Lambda would, also where there is no Lambda.

    Lambda drops a larger answer after the function has logged its success, and the client sees an error of the
    gateway: https://github.com/DataBiosphere/azul/issues/8258
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(scope)
        try:
            await self._app(scope, receive, answer.collect)
        finally:
            # Starlette raises an unexpected error again after it has answered
            if answer.start:
                await self._deliver(answer, scope, receive, send)

    async def _deliver(self, answer: _Answer, scope: Scope, receive: Receive, send: Send) -> None:
        answer.join()
        try:
            if len(answer.body) > INLINE_BYTES and answer.takes_time:
                await run_long(scope, answer.prepare)
            else:
                answer.prepare()
        except TooLargeError as error:
            response = refuse(Request(scope), error)
            response.raw_headers.append(NO_SNIFF)
            await response(scope, receive, send)
            return
        await send(answer.start)
        await send({"type": "http.response.body", "body": answer.body})


class _Answer:
    """One answer, whole in memory, as those of all routes are."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._parts: list[bytes] = []
        self.start: dict[str, Any] = {}
        self.body = b""

    @property
    def _takes_gzip(self) -> bool:
        return takes_gzip(Headers(scope=self._scope).get("accept-encoding", ""))

    async def collect(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = dict(message)
        else:
            self._parts.append(message.get("body", b""))

    def join(self) -> None:
        """Put the parts of the body together; a file of the documentation comes in dozens."""
        self.body = b"".join(self._parts)

    @property
    def takes_time(self) -> bool:
        """True if the body may be compressed, or has to be counted."""
        return self._takes_gzip or ESCAPED_CHARACTERS * len(self.body) > LAMBDA_ANSWER_BYTES // 2

    def prepare(self) -> None:
        """Compress the body if that pays, and set the headers. Raises TooLargeError."""
        raw = [*self.start["headers"], NO_SNIFF]
        # compared as bytes, as every application names its headers: objects for them would cost each small answer
        if not any(name == NO_STORE[0] for name, _ in raw):
            raw.append(NO_STORE)
        self.start["headers"] = raw
        if self.start["status"] == HTTPStatus.NOT_MODIFIED:
            # it has the headers of the answer that the client knows, which was compressed for some
            MutableHeaders(raw=raw).add_vary_header("Accept-Encoding")
        if len(self.body) >= WORTH_COMPRESSING_BYTES:
            self._shrink(MutableHeaders(raw=raw))

    def _shrink(self, headers: MutableHeaders) -> None:
        is_compressed = False
        if headers.get("content-type", "").startswith(COMPRESSED_TYPES):
            headers.add_vary_header("Accept-Encoding")
            if self._takes_gzip:
                # no time in its header: equal answers are equal bytes
                self.body, is_compressed = gzip.compress(self.body, GZIP_LEVEL, mtime=0), True
                headers["Content-Encoding"] = "gzip"
                headers["Content-Length"] = str(len(self.body))
        if bytes_in_json(self.body, is_base64=is_compressed) > LAMBDA_ANSWER_BYTES - AROUND_BODY_BYTES:
            raise _too_large(len(self.body), is_compressed=is_compressed)


def bytes_in_json(body: bytes, *, is_base64: bool) -> int:
    """The length of a body within the JSON that a function returns: in base64, or as a string with its escapes.

    It is only an upper bound for bodies that are far from LAMBDA_ANSWER_BYTES.
    """
    if is_base64:
        return 4 * -(-len(body) // 3)
    most = ESCAPED_CHARACTERS * len(body) + 2
    if most < LAMBDA_ANSWER_BYTES // 2:
        return most
    # Lambda's client for Python escapes what is not ASCII in container images
    return len(encode_basestring_ascii(body.decode(errors="replace")))


def takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding header allows gzip; its own weight counts before the one of `*`."""
    weights: dict[str, str] = {}
    for part in accepted.lower().split(","):
        coding, _, parameters = part.partition(";")
        weights[coding.strip()] = parameters.replace(" ", "").partition("q=")[2]
    weight = weights.get("gzip", weights.get("*", "0"))
    # without a weight it is 1; 0, 0.0 and 0.000 forbid
    return weight.strip("0.") != "" if weight else True


def _too_large(size_bytes: int, *, is_compressed: bool) -> TooLargeError:
    gzip_hint = "" if is_compressed else ", or accept compressed answers (Accept-Encoding: gzip)"
    return TooLargeError(
        f"the answer of {size_bytes} bytes is larger than AWS Lambda can send ({LAMBDA_ANSWER_BYTES} bytes with its "
        f"escapes): ask for less, by fewer instances or a smaller page_size{gzip_hint}"
    )
