"""What Lambda gives a handler: the context of an invocation, as far as Powertools reads it, and an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Context:
    remaining_milliseconds: int = 900_000
    function_name: str = "despliegue-function"
    function_version: str = "$LATEST"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:despliegue-function"
    aws_request_id: str = "52fdfc07-2182-454f-963f-5f0f9a621d72"
    log_stream_name: str = "2026/01/31/[$LATEST]0123456789abcdef"

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_milliseconds


@contextmanager
def event_loop_of_lambda() -> Iterator[None]:
    """The thread's event loop while the block runs. Mangum takes it, or makes one, which nobody closes in Lambda."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        loop.close()
        asyncio.set_event_loop(None)
