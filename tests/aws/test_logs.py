"""Logs: a line of JSON for each entry, of all modules of the package, with the request id of the handler."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

LOGGING = """
import logging
from functions.aws.logs import json_logger

logger = json_logger()
logger.set_correlation_id("request-1")
logger.warning("from the handler")
logging.getLogger("functions.core.registry").warning("from a module: %s", "year")
"""


@pytest.mark.parametrize(("configured", "service"), [({}, "despliegue"), ({"POWERTOOLS_SERVICE_NAME": "own"}, "own")])
def test_modules_log_with_the_service_and_the_request_of_the_handler(
    configured: dict[str, str], service: str, root: Path
) -> None:
    """A process of its own, because Powertools keeps one logger for a process."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POWERTOOLS_")}
    command = [sys.executable, "-c", LOGGING]
    output = subprocess.run(command, check=True, cwd=root, env={**kept, **configured}, capture_output=True).stdout
    lines = [json.loads(line) for line in output.splitlines()]
    assert [line["message"] for line in lines] == ["from the handler", "from a module: year"]
    assert {(line["service"], line["correlation_id"]) for line in lines} == {(service, "request-1")}
    assert all(line["timestamp"].endswith("+0000") for line in lines)


KEYS = """
import json, sys
from aws_lambda_powertools.logging import correlation_paths
from functions.aws.logs import RequestKeys, json_logger
from tests.lambda_context import Context

logger = json_logger()
event = json.loads(sys.argv[1])
if sys.argv[2] == "ours":
    keys = RequestKeys(logger)
    begin = lambda: keys.set(event, Context())
else:
    decorated = logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_HTTP, log_event=False)
    begin = lambda: decorated(lambda event, context: None)(event, Context())
for number in range(2):
    begin()
    logger.info("answered", extra={"number": number})
"""


def _lines_of(code: str, root: Path, *arguments: str, **environment: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, check=True, cwd=root, env={**os.environ, **environment}, capture_output=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("event", ['{"requestContext": {"requestId": "request-1"}}', "{}", '{"requestContext": null}'])
@pytest.mark.parametrize("initialization", ["on-demand", "provisioned-concurrency"])
def test_the_lines_of_a_request_have_the_keys_that_powertools_gives_them(
    event: str, initialization: str, root: Path
) -> None:
    ours, theirs = (
        _lines_of(KEYS, root, event, whose, AWS_LAMBDA_INITIALIZATION_TYPE=initialization)
        for whose in ("ours", "theirs")
    )
    for line in (*ours, *theirs):
        del line["timestamp"], line["location"]
    assert ours == theirs
    assert [list(line) for line in ours] == [list(line) for line in theirs]
    assert ours[0]["cold_start"] is (initialization == "on-demand")


ODD = r"""
import pathlib
from functions.aws.logs import json_logger

logger = json_logger()
odd = {"number": 2**70, "text": "\ud800", "path": pathlib.PurePosixPath("/a"), "keys": {1: "é"}}
for name, value in odd.items():
    logger.info("{}", extra={name: value})
"""


def test_whatever_is_logged_is_a_line(root: Path) -> None:
    number, text, path, keys = _lines_of(ODD, root)
    assert (number["number"], text["text"], path["path"], keys["keys"]) == (2**70, "\ud800", "/a", {"1": "é"})
    assert number["message"] == "{}"
