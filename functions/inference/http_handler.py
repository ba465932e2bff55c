"""HTTP API events answered by an application, each with a line in the log and its metrics: for both handlers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from fastapi import APIRouter
from mangum import Mangum
from mangum.types import ASGI

from functions.aws.metrics import FunctionMetrics, request_metrics
from functions.core.definition import Definition
from functions.core.routes import gateway_routes
from functions.inference.application import create_application
from functions.inference.authorised_route import AuthorisedRoute


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """Facts about a request for the log and the metrics; nothing in them was sent by the client, but the model's name.

    `names` go to both, `logged` to the log alone, and `counts` become metrics.
    """

    names: Mapping[str, object]
    logged: Mapping[str, object] = field(default_factory=dict)
    counts: Mapping[str, float] = field(default_factory=dict)


class HttpHandler:
    """Answers events of an HTTP API (payload version 2.0)."""

    def __init__(self, routers: Sequence[APIRouter], definitions: Iterable[Definition], logger: Logger) -> None:
        """`definitions` are those of the models whose routes the gateway leads here."""
        guard = partial(AuthorisedRoute, routes=gateway_routes(definitions))
        # without lifespan, as the applications have nothing to start: Mangum would run it in every invocation
        self._application = Mangum(cast(ASGI, create_application(routers, guard=guard)), lifespan="off")
        self._logger = logger
        self._metrics = FunctionMetrics()

    def answer(
        self, event: dict[str, Any], context: LambdaContext, facts: Callable[[], RequestFacts]
    ) -> dict[str, Any]:
        """The answer to an event; `facts` is called after it, also if there is none."""
        started, status = time.perf_counter(), 500
        try:
            answer = self._application(event, context)  # type: ignore[arg-type]  # Mangum's own idea of a context
            status = answer["statusCode"]
            return answer
        finally:
            self._record(status, round((time.perf_counter() - started) * 1000, 3), facts())

    def _record(self, status: int, latency_ms: float, facts: RequestFacts) -> None:
        extra = {"status": status, **facts.names, **facts.logged, "latency_ms": latency_ms}
        self._logger.info("request answered", extra=extra)
        self._metrics.write({**request_metrics(status, latency_ms), **facts.counts}, **facts.names)
