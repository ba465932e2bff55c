"""One event of API Gateway through an application, timed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from mangum import Mangum

Tell = Callable[[int, float], None]
"""Is told the status of the answer, 500 where there was none, and the milliseconds that it took."""


def answer_event(application: Mangum, event: dict[str, Any], context: LambdaContext, tell: Tell) -> dict[str, Any]:
    """The answer to an HTTP API request (payload version 2.0)."""
    started, status = time.perf_counter(), 500
    try:
        answer = application(event, context)  # type: ignore[arg-type]  # Mangum's own idea of a context
        status = answer["statusCode"]
        return answer
    finally:
        tell(status, round((time.perf_counter() - started) * 1000, 3))
