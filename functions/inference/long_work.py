"""Work that takes milliseconds or longer, kept from holding up other requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from functions.inference.authorised_route import EVENT

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


async def run_long(
    scope: Scope, work: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs
) -> Result:
    """The result of `work`, which runs in a thread; on Lambda at once, since a request is alone in its process there.

    So a predict function never waits for anything but S3, and needs no event loop.
    """
    if EVENT in scope:
        return work(*arguments, **named)
    return await run_in_threadpool(work, *arguments, **named)
