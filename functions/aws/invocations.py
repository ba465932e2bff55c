"""Invocations of a function by Lambda, whose ids are in every line that is logged meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Protocol, TypeVar

from functions.aws.logs import JsonLines

Answer = TypeVar("Answer")


class LambdaContext(Protocol):
    """The part of the context of an invocation that the functions read."""

    @property
    def function_name(self) -> str: ...

    @property
    def memory_limit_in_mb(self) -> int: ...

    @property
    def invoked_function_arn(self) -> str: ...

    @property
    def aws_request_id(self) -> str: ...

    @property
    def log_stream_name(self) -> str: ...

    def get_remaining_time_in_millis(self) -> int: ...


LambdaHandler = Callable[[dict[str, Any], LambdaContext], Answer]


def identified(handler: LambdaHandler[Answer]) -> LambdaHandler[Answer]:
    """The handler, which first gives the lines of the log the ids of its invocation."""
    is_cold = True

    @wraps(handler)
    def identify_and_handle(event: dict[str, Any], context: LambdaContext) -> Answer:
        nonlocal is_cold
        JsonLines.ids = {
            "cold_start": is_cold,
            "function_name": context.function_name,
            "function_memory_size": context.memory_limit_in_mb,
            "function_arn": context.invoked_function_arn,
            "function_request_id": context.aws_request_id,
            "correlation_id": _correlation_id(event),
        }
        is_cold = False
        return handler(event, context)

    return identify_and_handle


def _correlation_id(event: object) -> object:
    """The id of a request at the gateway, or of an order by CloudFormation; None for any other event."""
    if not isinstance(event, Mapping):
        return None
    request = event.get("requestContext")
    return request.get("requestId") if isinstance(request, Mapping) else event.get("RequestId")
