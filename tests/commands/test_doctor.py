"""despliegue doctor, on a bare machine, with an AWS in this process, and without any."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from functions.aws.account import BOOTSTRAP_PARAMETER, AwsAccount

Command = Callable[..., Any]


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No tool on the PATH, no credentials, and no AWS that could be reached."""
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.usefixtures("bare")
def test_a_bare_machine_gets_a_line_for_each_check_what_to_do_and_exit_code_1(command: Command) -> None:
    done = command("doctor")
    assert (done.status, done.err) == (1, "")
    lines = done.out.splitlines()
    named = [line.split()[1].rstrip(":") for line in lines if not line.startswith(" ")]
    assert named[:3] == ["python", "models", "registry"]
    assert named[-1] == "credentials"
    for at, line in enumerate(lines):
        assert not line.startswith("FAULT") or lines[at + 1].startswith("       ")


@pytest.mark.usefixtures("bare")
def test_serving_on_this_machine_takes_none_of_that(command: Command) -> None:
    done = command("doctor", "--local")
    assert done.status == 0
    assert [line.split()[1] for line in done.out.splitlines()] == ["python:", "models:", "registry:"]


@pytest.mark.usefixtures("aws_environment")
def test_the_account_is_asked_and_the_answers_are_json(command: Command) -> None:
    checks = _checks(command("doctor", "--json"))
    assert checks["credentials"]["state"] == "ok"
    assert "123456789012" in checks["credentials"]["found"]
    region = AwsAccount().region()
    assert checks["bootstrap"]["advice"] == f"cdk bootstrap aws://123456789012/{region}"
    ssm = AwsAccount().client("ssm", str(region))
    ssm.put_parameter(Name=BOOTSTRAP_PARAMETER, Value="28", Type="String")
    try:
        assert _checks(command("doctor", "--json"))["bootstrap"]["state"] == "ok"
    finally:
        ssm.delete_parameter(Name=BOOTSTRAP_PARAMETER)


def test_no_other_command_loads_the_sdk_for_it(root: Path) -> None:
    code = "import sys, model_export.commands.main as m; m.argument_parser(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert {"botocore", "boto3"}.isdisjoint(done.stdout.split())


def _checks(done: Any) -> dict[str, Any]:
    answer = json.loads(done.out)
    assert answer["ready"] is (done.status == 0)
    assert answer["ready"] is not any(one["state"] == "fault" for one in answer["checks"])
    return {one["name"]: one for one in answer["checks"]}
