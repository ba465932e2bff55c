"""Clients that were written for the services that Despliegue replaces: they change their base URL and nothing else."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Deployment

BECAS = "BecarIA/Longformer-SQuAD-becas-1"
Run = Callable[..., subprocess.CompletedProcess[str]]
Original = Callable[[str], Path]


@pytest.fixture
def original(real_data: Path) -> Original:
    def find(name: str) -> Path:
        path = real_data.parent / "clients" / name
        if not path.is_file():
            pytest.skip(f"the client is not here: {path}")
        return path

    return find


@pytest.fixture
def without_token(deployment: Deployment) -> None:
    """These services asked for no token, so their clients send none."""
    if deployment.token is not None:
        pytest.skip(f"SKIPPED: {deployment.url} asks for a token, which this client does not send")


@pytest.mark.usefixtures("without_token")
def test_churn(deployment: Deployment, run_client: Run, original: Original) -> None:
    done = run_client(original("churn.py"), base_url=f"{deployment.url}/models/churn")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("churn probability 0.")


@pytest.mark.usefixtures("without_token")
def test_car_price(deployment: Deployment, run_client: Run, original: Original) -> None:
    before = deployment.version("car-price")
    done = run_client(original("car_price.py"), base_url=f"{deployment.url}/models/car-price")
    assert done.returncode == 0, done.stderr
    after = deployment.version("car-price")
    assert after != before
    assert f"version {before} -> {after}" in done.stdout


@pytest.mark.usefixtures("without_token")
@pytest.mark.parametrize("path", ["/models/project-tags", ""])
def test_project_tags(deployment: Deployment, run_client: Run, original: Original, path: str) -> None:
    if not path and deployment.root_model != "project-tags":
        pytest.skip(f"{deployment.url} does not serve project-tags at its root")
    done = run_client(original("project_tags.sh"), base_url=f"{deployment.url}{path}")
    assert done.returncode == 0, done.stderr
    health, performance, one_arg, args, predict = (json.loads(line)["data"] for line in done.stdout.splitlines())
    assert "project-tags" in (health["name"] if path else health["models"])
    assert performance["performance"]["f1"] > 0.8
    assert one_arg == {"learning_rate": args["args"]["learning_rate"]}
    assert [found["label"] for found in predict["predictions"]] == ["natural-language-processing", "computer-vision"]


def test_becaria(deployment: Deployment, run_client: Run, original: Original) -> None:
    if deployment.version(BECAS) is None:
        pytest.skip(f"SKIPPED: {deployment.url} has no version of {BECAS} in production")
    done = run_client(original("becaria.py"))
    assert done.returncode == 0, done.stderr
    assert "$2,500.00" in done.stdout  # the amount for which its request asks
