"""Logs as lines of JSON, each with the ids of its invocation."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Mapping
from typing import Any, ClassVar

import orjson

from functions import SERVICE

LOGGER_NAME = "functions"
SERVICE_NAME = "POWERTOOLS_SERVICE_NAME"
"""The variable with the name of a function, in its logs and its metrics; the names are those of AWS Powertools."""
LEVEL = "POWERTOOLS_LOG_LEVEL"
TRACE = "_X_AMZN_TRACE_ID"
LAMBDA = "AWS_LAMBDA_RUNTIME_API"
OF_EVERY_RECORD = frozenset({*logging.makeLogRecord({}).__dict__, "message", "asctime", "taskName"})


class JsonLines(logging.Formatter):
    """Writes a record, its `extra` and the ids of the present invocation as one line; None is left out.

    The keys are those of AWS Powertools, whose own formatter takes several times as long.
    """

    ids: ClassVar[Mapping[str, object]] = {}
    """Of the invocation that runs, for all loggers: Lambda gives a process one event at a time."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "level": record.levelname,
            "location": f"{record.funcName}:{record.lineno}",
            "message": record.getMessage(),
            "timestamp": _timestamp(record),
            "service": self._service,
            **self.ids,
            **{key: value for key, value in record.__dict__.items() if key not in OF_EVERY_RECORD},
            **(_exception(record.exc_info[1]) if record.exc_info and record.exc_info[1] else {}),
            "xray_trace_id": _trace(),
        }
        return _json({key: value for key, value in line.items() if value is not None})


def json_logger() -> logging.Logger:
    """The logger of a handler; all modules of the package log through it, with the same ids.

    Payloads must never be logged.
    """
    logger = logging.getLogger(LOGGER_NAME)
    lines = logging.StreamHandler(sys.stdout)
    lines.setFormatter(JsonLines(os.environ.get(SERVICE_NAME, SERVICE)))
    logger.handlers = [lines]
    logger.setLevel(os.environ.get(LEVEL, "INFO").upper())
    # Lambda's own handler, at the root, would write each line a second time, as plain text
    logger.propagate = LAMBDA not in os.environ
    return logger


def _timestamp(record: logging.LogRecord) -> str:
    return time.strftime(f"%Y-%m-%d %H:%M:%S,{int(record.msecs):03d}+0000", time.gmtime(record.created))


def _exception(error: BaseException) -> dict[str, object]:
    return {
        "exception": "".join(traceback.format_exception(error)).rstrip("\n"),
        "exception_name": type(error).__name__,
    }


def _trace() -> str | None:
    """The id of the trace that Lambda names in its environment before each event."""
    trace = os.environ.get(TRACE)
    return trace.partition(";")[0].removeprefix("Root=") if trace else None


def _json(line: Mapping[str, Any]) -> str:
    try:
        return orjson.dumps(line, default=str).decode()
    except TypeError:  # half a character, or an integer of more than 64 bits, in what a client sent
        return json.dumps(line, default=str, separators=(",", ":"))
