"""Logs as lines of JSON, each with the request that it belongs to."""

from __future__ import annotations

import os

from aws_lambda_powertools import Logger

from functions import SERVICE

PACKAGE = "functions"


def json_logger() -> Logger:
    """The logger of a handler; every module of the package writes through it, with the same request id.

    Payloads are never logged: give `log_event=False` to its `inject_lambda_context`, whatever the environment says.
    """
    logger = Logger(service=PACKAGE, utc=True)  # Powertools names the logger after the service
    logger.append_keys(service=os.environ.get("POWERTOOLS_SERVICE_NAME", SERVICE))
    return logger
