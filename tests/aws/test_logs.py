"""Logs: a line of JSON for each entry, of all modules of the package, with the ids of the invocation."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.aws.logs import LAMBDA, LEVEL, LOGGER_NAME, SERVICE_NAME, TRACE, JsonLines, json_logger

IN_LAMBDA = """
import logging
logging.getLogger().addHandler(logging.StreamHandler())
from functions.aws.logs import json_logger
json_logger()
logging.getLogger("functions.core.registry").warning("once")
logging.getLogger("botocore").warning("as it was")
"""


@pytest.fixture(autouse=True)
def logger_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for variable in (LAMBDA, LEVEL, SERVICE_NAME, TRACE):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(JsonLines, "ids", {})
    logger = logging.getLogger(LOGGER_NAME)
    handlers, level, propagate = logger.handlers, logger.level, logger.propagate
    yield
    logger.handlers, logger.propagate = handlers, propagate
    logger.setLevel(level)


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(("configured", "service"), [({}, "despliegue"), ({SERVICE_NAME: "own"}, "own")])
def test_modules_log_with_the_service_and_the_ids_of_the_handler(
    configured: dict[str, str], service: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in configured.items():
        monkeypatch.setenv(name, value)
    logger = json_logger()
    monkeypatch.setattr(JsonLines, "ids", {"correlation_id": "request-1", "cold_start": False, "function_arn": None})
    logger.warning("from the handler")
    logging.getLogger("functions.core.registry").info("from a module: %s", "year", extra={"model": "churn", "rows": 0})
    first, second = _lines(capsys)
    place = "test_modules_log_with_the_service_and_the_ids_of_the_handler"
    assert first.pop("timestamp").endswith("+0000")
    assert first.pop("location").startswith(f"{place}:")
    assert first == {
        "level": "WARNING",
        "message": "from the handler",
        "service": service,
        "correlation_id": "request-1",
        "cold_start": False,
    }
    assert (second["level"], second["message"]) == ("INFO", "from a module: year")
    assert (second["model"], second["rows"], second["correlation_id"]) == ("churn", 0, "request-1")


def test_the_timestamp_has_its_milliseconds_in_utc() -> None:
    record = logging.makeLogRecord({"created": 1769853921.0374, "msecs": 37.4, "msg": "x"})
    assert json.loads(JsonLines("own").format(record))["timestamp"] == "2026-01-31 10:05:21,037+0000"


def test_an_error_is_logged_with_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    logger = json_logger()
    try:
        raise ValueError("a reason")
    except ValueError:
        logger.exception("it failed")
    (line,) = _lines(capsys)
    assert line["exception_name"] == "ValueError"
    assert line["exception"].startswith("Traceback")
    assert line["exception"].endswith("ValueError: a reason")
    logger.error("without one", exc_info=(None, None, None))
    assert "exception" not in _lines(capsys)[0]


def test_a_line_has_the_trace_of_its_event(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    logger = json_logger()
    monkeypatch.setenv(TRACE, "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1")
    logger.info("traced")
    assert _lines(capsys)[0]["xray_trace_id"] == "1-5759e988-bd862e3fe1be46a994272793"


@pytest.mark.parametrize("odd", ["half \ud83d", 2**70, Path("models"), float("nan")])
def test_whatever_a_client_sent_is_a_line(odd: object, capsys: pytest.CaptureFixture[str]) -> None:
    json_logger().info("%s", "año", extra={"odd": odd})
    (line,) = _lines(capsys)
    assert line["message"] == "año"


def test_a_level_leaves_out_what_is_below_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(LEVEL, "warning")
    logger = json_logger()
    logger.info("not this")
    logger.warning("this")
    assert [line["message"] for line in _lines(capsys)] == ["this"]


@pytest.mark.parametrize("is_in_lambda", [True, False])
def test_lambdas_own_handler_repeats_no_line_of_ours(is_in_lambda: bool, root: Path) -> None:
    environment = {LAMBDA: "127.0.0.1:1"} if is_in_lambda else {}
    done = subprocess.run(
        [sys.executable, "-c", IN_LAMBDA], check=True, cwd=root, env=environment, capture_output=True, text=True
    )
    assert [json.loads(line)["message"] for line in done.stdout.splitlines()] == ["once"]
    assert done.stderr.splitlines() == (["as it was"] if is_in_lambda else ["once", "as it was"])
