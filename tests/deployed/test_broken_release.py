"""A release of code that fails: it is taken back, and callers notice nothing."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.deployed.deployment import Deployment, Row, Stack


def test_a_release_whose_functions_die_is_taken_back_while_the_old_one_answers(
    deployed: Deployment, stack: Stack, car: Row, root: Path
) -> None:
    command = os.environ.get("DESPLIEGUE_REDEPLOY_BROKEN")
    if not command:
        pytest.skip("SKIPPED: DESPLIEGUE_REDEPLOY_BROKEN names no command that deploys broken functions")
    before, answer = deployed.get("/models"), deployed.predict("car-price", car)
    with subprocess.Popen(shlex.split(command), cwd=root, stderr=subprocess.PIPE, text=True) as deploying:
        while deploying.poll() is None:
            assert deployed.predict("car-price", car) == answer
        assert deploying.stderr is not None
        refused = deploying.stderr.read()
    assert deploying.returncode != 0
    assert "broken on purpose" in refused or "callers keep the old one" in refused, refused
    (described,) = stack.clients("cloudformation").describe_stacks(StackName=os.environ["DESPLIEGUE_STACK"])["Stacks"]
    assert described["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert deployed.get("/models") == before
    assert deployed.predict("car-price", car) == answer
