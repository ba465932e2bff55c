"""A deployment that is deployed again, with other settings, keeps what was trained and made in it."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.deployed.deployment import Deployment, Row, Stack


def test_a_redeploy_keeps_what_was_retrained(
    deployed: Deployment, stack: Stack, cars: list[Row], car: Row, root: Path
) -> None:
    command = os.environ.get("DESPLIEGUE_REDEPLOY")
    if not command:
        pytest.skip("SKIPPED: DESPLIEGUE_REDEPLOY names no command that deploys again")
    version = deployed.retrain("car-price", cars, "?force=true")["version"]
    before, answer = deployed.get("/models"), deployed.predict("car-price", car)
    done = subprocess.run(shlex.split(command), cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert deployed.get("/models") == before
    assert deployed.predict("car-price", car) == answer
    assert answer["version"] == version
    assert deployed.retrain("car-price", cars[1:])["version"] == deployed.predict("car-price", car)["version"] > version
