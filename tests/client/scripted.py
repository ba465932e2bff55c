"""Operations played without a server: their requests are answered from a script, and no pause is waited for."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from despliegue_client.api import Api
from despliegue_client.errors import ClientError
from despliegue_client.exchange import Answer, Effect, Operation, Pause, Report, Request, Run, Together
from despliegue_client.retries import RetryPolicy
from despliegue_client.settings import Settings

URL = "http://models.example.org"


def api(token: str | None = None, **limits: int) -> Api:
    """An API that knows the limits of `churn`."""
    given = {"max_instances": 10_000, "max_payload_bytes": 4_700_000, **limits}
    return Api(Settings(URL, token), RetryPolicy(60, clock=lambda: 0.0, chance=lambda: 1.0), {"churn": given})


def ok(data: Any, status: int = 200) -> Answer:
    return Answer(status, {}, json.dumps({"data": data}).encode())


def refused(status: int, *faults: tuple[list[str | int], str], **headers: str) -> Answer:
    errors = [{"loc": loc, "msg": msg, "type": "a_type"} for loc, msg in faults]
    return Answer(status, headers, json.dumps({"errors": errors}).encode())


@dataclass
class Script:
    """Answers by a function, or from a list in order; an error in the list is raised."""

    answers: Callable[[Request], Answer] | list[Answer | ClientError]
    requests: list[Request] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    reports: list[Any] = field(default_factory=list)

    def play(self, operation: Operation[Any]) -> Any:
        run = Run(operation)
        while run.effect is not None:
            try:
                outcome = self._outcome(run.effect)
            except ClientError as error:
                run.fail(error)
            else:
                run.go_on(outcome)
        return run.result

    def _outcome(self, effect: Effect) -> Any:
        if isinstance(effect, Together):
            return [self.play(one) for one in effect.operations]
        if isinstance(effect, Pause):
            return self.pauses.append(effect.seconds)
        if isinstance(effect, Report):
            return self.reports.append(effect.record)
        self.requests.append(effect)
        found = self.answers.pop(0) if isinstance(self.answers, list) else self.answers(effect)
        if isinstance(found, ClientError):
            raise found
        return found
