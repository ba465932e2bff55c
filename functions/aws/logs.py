"""Logs as lines of JSON, each with the id of its request."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from typing import Any

import orjson
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions import SERVICE

LOGGER_NAME = "functions"
INITIALIZATION = "AWS_LAMBDA_INITIALIZATION_TYPE"
PROVISIONED = "provisioned-concurrency"


def json_logger() -> Logger:
    """The logger of a handler; all modules of the package log through it, with the same request id.

    Payloads must never be logged: pass `log_event=False` to its `inject_lambda_context`, because an environment
    variable of Powertools can turn them on.
    """
    # looked up for each line, and in none
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    # Powertools uses the service as the name of the logger
    logger = Logger(service=LOGGER_NAME, utc=True, json_serializer=_line, json_deserializer=_message)
    logger.append_keys(service=os.environ.get("POWERTOOLS_SERVICE_NAME", SERVICE))
    return logger


class RequestKeys:
    """Keys of the lines of a request to the HTTP API: those of Powertools' `inject_lambda_context`, and no payload.

    They are read at once: Powertools makes an object of them first, and finds the id of the request by a query.
    """

    def __init__(self, logger: Logger, environment: Mapping[str, str] = os.environ) -> None:
        self._logger = logger
        self._is_cold = environment.get(INITIALIZATION) != PROVISIONED

    def set(self, event: Mapping[str, Any], context: LambdaContext) -> None:
        """Give all lines from now on the keys of this request."""
        is_cold, self._is_cold = self._is_cold, False
        self._logger.append_keys(
            cold_start=is_cold,
            function_name=context.function_name,
            function_memory_size=context.memory_limit_in_mb,
            function_arn=context.invoked_function_arn,
            function_request_id=context.aws_request_id,
            correlation_id=(event.get("requestContext") or {}).get("requestId"),
        )
        if self._logger.sampling_rate and not is_cold:
            self._logger.refresh_sample_rate_calculation()


def _line(entry: Mapping[str, Any]) -> str:
    try:
        return orjson.dumps(entry, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # a number beyond 64 bits, or half a surrogate pair
        return json.dumps(entry, default=str, separators=(",", ":"))


def _message(text: Any) -> Any:
    """A message as it is: Powertools would try to read every one as JSON first, and none here is."""
    return text
