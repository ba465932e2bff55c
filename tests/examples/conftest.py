"""The deployment for the clients: one of this machine, or the one at DESPLIEGUE_BASE_URL."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tools.serving import serving

CAR = "/models/car-price"
ROOT_MODEL = "project-tags"
Run = Callable[..., subprocess.CompletedProcess[str]]


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment and its address; `root_model` is served at the root as well."""

    url: str
    token: str | None
    http: httpx.Client
    root_model: str | None

    def version(self, model: str) -> int | None:
        """The version in production; None for an unknown model, or one without a version."""
        models = self.http.get("/models").json()["data"]["models"]
        return next((one["version"] for one in models if model in (one["name"], one["hub_id"])), None)


@pytest.fixture(scope="session")
def deployment(
    root: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Deployment]:
    remote, token = os.environ.get("DESPLIEGUE_BASE_URL"), os.environ.get("API_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if remote:
        with httpx.Client(base_url=remote, headers=headers, timeout=60) as http:
            yield from _left_as_it_was(Deployment(remote.rstrip("/"), token, http, None))
        return
    folder = tmp_path_factory.mktemp("deployment")
    shutil.copytree(root / "models", folder / "models")
    # only here: the environment of a smoke test cannot train
    shutil.copytree(request.getfixturevalue("home_of_samples").root, folder / "home")
    with (
        serving(folder, folder / "home", "--model", ROOT_MODEL) as server,
        httpx.Client(base_url=server.url, timeout=60) as http,
    ):
        yield Deployment(server.url, token, http, ROOT_MODEL)


def _left_as_it_was(deployment: Deployment) -> Iterator[Deployment]:
    """A deployment of other people, whose production the clients change."""
    before = deployment.version("car-price")
    yield deployment
    if deployment.version("car-price") != before:
        deployment.http.put(f"{CAR}/production", json={"version": before}).raise_for_status()


@pytest.fixture
def run_client(deployment: Deployment) -> Run:
    """A call that runs a client's file, a shell script or Python, as its users do."""

    def run(path: Path, *arguments: str, base_url: str = deployment.url) -> subprocess.CompletedProcess[str]:
        if path.suffix == ".sh" and shutil.which("curl") is None:
            pytest.skip("SKIPPED: curl is not installed")
        environment = {**os.environ, "BASE_URL": base_url}
        program = "sh" if path.suffix == ".sh" else sys.executable
        command = [program, str(path), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    return run
