"""HTTP API events answered by an application, each with a line in the log and its metrics: for both handlers."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, cast

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from mangum import Mangum
from mangum.handlers import HTTPGateway
from mangum.protocols import HTTPCycle
from mangum.types import ASGI, LambdaEvent, Response, Scope
from mangum.types import LambdaContext as MangumContext
from starlette.types import ASGIApp

from functions.aws.logs import RequestKeys
from functions.aws.metrics import FunctionMetrics, request_metrics
from functions.aws.pings import is_ping


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """Facts about a request for the log and the metrics; nothing in them was sent by the client, but the model's name.

    `names` go to both, `logged` to the log alone, and `counts` become metrics.
    """

    names: Mapping[str, object]
    logged: Mapping[str, object] = field(default_factory=dict)
    counts: Mapping[str, float] = field(default_factory=dict)


class _Gateway(HTTPGateway):
    """Events of an HTTP API, whose scope is made once; Mangum's own class makes it again for the answer."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._scope = super().scope

    @property
    def scope(self) -> Scope:
        return self._scope


class _CycleAtOnce(HTTPCycle):
    """One request, answered without an event loop: a third of the time that Mangum takes for a short one."""

    def __call__(self, app: ASGI) -> Response:
        answering = self.run(app)
        try:
            answering.send(None)
        except StopIteration:
            return {"status": self.status, "headers": self.headers, "body": self.body}
        answering.close()
        raise RuntimeError("the application waits for something, which needs an event loop")


class MangumAtOnce(Mangum):
    """Mangum for an application that waits for nothing, as one that only predicts on Lambda: see `run_long`."""

    def _setup_event_loop(self) -> None:
        """Make none."""

    def __call__(self, event: LambdaEvent, context: MangumContext) -> dict[str, Any]:
        gateway = self.infer(event, context)
        return gateway(_CycleAtOnce(gateway.scope, gateway.body)(self.app))


class HttpHandler:
    """Answers events of an HTTP API (payload version 2.0) by an application.

    An answer that took more than `slow_share` of the function's time counts as slow. None counts where it is None:
    control waits for trainings nearly as long as it may.
    """

    def __init__(
        self,
        application: ASGIApp,
        logger: Logger,
        *,
        slow_share: float | None = None,
        adapter: type[Mangum] = Mangum,
    ) -> None:
        # Mangum would run the lifespan in every invocation, and an application here has nothing to start
        self._application = adapter(cast(ASGI, application), lifespan="off", custom_handlers=[_Gateway])
        self._logger, self._keys = logger, RequestKeys(logger)
        self._metrics = FunctionMetrics()
        self._slow_share = slow_share

    def answer(
        self, event: dict[str, Any], context: LambdaContext, facts: Callable[[], RequestFacts]
    ) -> dict[str, Any]:
        """The answer to an event; `facts` is called after it, also if there is none."""
        self._keys.set(event, context)
        if is_ping(event):
            return {"statusCode": HTTPStatus.NO_CONTENT}
        started, status = time.perf_counter(), 500
        limit_ms = context.get_remaining_time_in_millis()
        try:
            answer = self._application(event, context)  # type: ignore[arg-type]  # Mangum's own idea of a context
            status = answer["statusCode"]
            return answer
        finally:
            latency_ms = round((time.perf_counter() - started) * 1000, 3)
            is_slow = self._slow_share is not None and latency_ms > self._slow_share * limit_ms
            self._record(status, latency_ms, is_slow, facts())

    def _record(self, status: int, latency_ms: float, is_slow: bool, facts: RequestFacts) -> None:
        extra = {"status": status, **facts.names, **facts.logged, "latency_ms": latency_ms}
        self._logger.info("request answered", extra=extra)
        counts = {**request_metrics(status, latency_ms), **facts.counts, "SlowAnswers": int(is_slow)}
        self._metrics.write(counts, **facts.names)
