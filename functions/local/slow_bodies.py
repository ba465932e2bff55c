"""A time limit for request bodies: a client that stops sending half way holds no connection for ever."""

from __future__ import annotations

import asyncio
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from functions.core.errors import TooSlowError

GRACE_SECONDS = 30.0
LEAST_BYTES_A_SECOND = 50_000
"""A body may take the grace, and longer while it comes at this pace: 100 MB take 34 minutes at most."""


class SlowBodies:
    """Passes requests on, and ends reading a body that comes too slowly with 408 and the end of its connection."""

    def __init__(self, app: ASGIApp, grace_seconds: float = GRACE_SECONDS) -> None:
        self._app = app
        self._grace = grace_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, received, is_whole, is_slow = time.monotonic(), 0, False, False

        async def receive_in_time() -> Message:
            nonlocal received, is_whole, is_slow
            if is_whole:  # only the end of the connection can follow, whenever it comes
                return await receive()
            left = started + self._grace + received / LEAST_BYTES_A_SECOND - time.monotonic()
            try:
                async with asyncio.timeout(max(left, 0)):
                    message = await receive()
            except TimeoutError:
                is_slow = True
                raise TooSlowError("the body came too slowly: send it again") from None
            received += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            return message

        async def send_and_end(message: Message) -> None:
            if is_slow and message["type"] == "http.response.start":
                # the rest of the body may still come, so the connection serves no other request
                message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
            await send(message)

        await self._app(scope, receive_in_time, send_and_end)
