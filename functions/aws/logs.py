"""Logs as lines of JSON, each with the id of its request."""

from __future__ import annotations

import os

from aws_lambda_powertools import Logger

from functions import SERVICE

LOGGER_NAME = "functions"


def json_logger() -> Logger:
    """The logger of a handler; all modules of the package log through it, with the same request id.

    Payloads must never be logged: pass `log_event=False` to its `inject_lambda_context`, because an environment
    variable of Powertools can turn them on.
    """
    logger = Logger(service=LOGGER_NAME, utc=True)  # Powertools uses the service as the name of the logger
    logger.append_keys(service=os.environ.get("POWERTOOLS_SERVICE_NAME", SERVICE))
    return logger
