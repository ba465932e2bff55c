"""Logs: a line of JSON for each entry, of all modules of the package, with the request id of the handler."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

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
