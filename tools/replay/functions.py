"""The functions on Lambda of a checkout, each started by the first request for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tools.checkout import Checkout
from tools.lambda_runtime import FunctionFailedError, LambdaFunction
from tools.replay.answers import Answer, event_answer
from tools.replay.callback import Callback, callback
from tools.replay.requests import AUTHORIZER, CONTROL, IMPORTER, NEW, PREDICT, TRAINER
from tools.replay.store import IMPORTED, REGISTRY, TOKENS, UPLOADS

TIMEOUT_SECONDS = 60.0
REPORTED = ("errorType", "errorMessage")
"""Keys of a crash report that are compared; its stack trace changes with every line of the source."""


class Functions:
    """All functions of a deployment over one S3 double. `build` is what `despliegue build` wrote."""

    def __init__(
        self, checkout: Checkout, variables: Mapping[str, str], build: Path, logs: Path, waiting: Callback
    ) -> None:
        self._checkout = checkout
        self._handlers = checkout.handlers()
        self._variables = variables
        self._build = build
        self._logs = logs
        self._waiting = waiting
        self._running: dict[str, LambdaFunction] = {}

    @property
    def response_url(self) -> str:
        """The address that receives the importer's answer to CloudFormation."""
        return self._waiting.url

    def ask(self, door: str, event: Any) -> Answer:
        """The answer of the function at that door to an event."""
        if door not in self._running:
            self._running[door] = self._start(door)
        try:
            answer = self._running[door](event)
        except FunctionFailedError as error:
            return event_answer({"function failed": {name: error.document.get(name) for name in REPORTED}})
        except RuntimeError:  # it hangs or has died: the next event gets another process, as on Lambda
            self._running.pop(door).stop()
            return event_answer({"function failed": "no answer"})
        if door == IMPORTER:
            # "told" is a key of the recordings: with another name, recordings of older commits could not be compared
            return event_answer({"returned": answer, "told": [json.loads(one) for one in self._waiting.take()]})
        return event_answer(answer)

    def stop(self) -> None:
        for function in self._running.values():
            function.stop()

    def _start(self, door: str) -> LambdaFunction:
        role = PREDICT.rstrip(":") if door.startswith(PREDICT) else door.removesuffix(NEW)
        environment = {**self._variables, **self._settings(door), "PYTHONPATH": str(self._checkout.root)}
        log = self._logs / f"{door.replace(':', '-')}.log"
        handler = self._handlers[role]
        function = LambdaFunction(handler, environment, log, TIMEOUT_SECONDS, checkout=self._checkout)
        if function.init_error is not None:
            raise RuntimeError(f"{handler} does not start: {function.init_error}")
        return function

    def _settings(self, door: str) -> dict[str, str]:
        """The environment variables that infra/ sets for the function at that door."""
        registry, uploads = f"s3://{IMPORTED if door.endswith(NEW) else REGISTRY}", f"s3://{UPLOADS}"
        settings = {
            CONTROL: {
                "DESPLIEGUE_REGISTRY": registry,
                "DESPLIEGUE_UPLOADS": uploads,
                "DESPLIEGUE_PREDICTIONS": "predictions",
                "DESPLIEGUE_BATCH_DAYS": "90",
                "DESPLIEGUE_BATCH_MEMORY_MB": "1769",
            },
            TRAINER: {"DESPLIEGUE_REGISTRY": registry, "DESPLIEGUE_UPLOADS": uploads},
            AUTHORIZER: {"DESPLIEGUE_TOKENS": TOKENS},
            IMPORTER: {
                "DESPLIEGUE_REGISTRY": f"s3://{IMPORTED}",
                "DESPLIEGUE_VERSIONS": str(self._build / "versions"),
            },
        }
        predict = {
            "DESPLIEGUE_REGISTRY": registry,
            "DESPLIEGUE_MODEL": door.removeprefix(PREDICT).removesuffix(NEW),
            "DESPLIEGUE_ARTIFACTS": str(self._build / "artifacts"),
        }
        return settings.get(door.removesuffix(NEW), predict)


@contextmanager
def functions(checkout: Checkout, variables: Mapping[str, str], build: Path, logs: Path) -> Iterator[Functions]:
    """The functions, until the block ends; with `variables` an AWS SDK finds the S3 double."""
    logs.mkdir(parents=True, exist_ok=True)
    with callback() as waiting:
        started = Functions(checkout, variables, build, logs, waiting)
        try:
            yield started
        finally:
            started.stop()
