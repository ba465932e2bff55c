"""A server as users start it, with the sample models, one with a column of every type and one of two targets."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from functions.local.home import Home
from tests.copied_models import copied
from tests.playground.browser import Browser, browser_running
from tests.playground.visits import write_orders, write_visits
from tools.checkout import HERE
from tools.serving import Server, serving

MODELS = ("becas", "car-price", "churn", "project-tags")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, home_of_samples: Home) -> Path:
    """models/ and home/; the server finds visits and orders there as `despliegue new` made them."""
    found = copied(MODELS, tmp_path_factory.mktemp("playground"))
    shutil.copytree(home_of_samples.root, found / "home")
    _add(found, "visits", write_visits(found / "visits.csv"), "stays")
    _add(found, "orders", write_orders(found / "orders.csv"), "late", "size")
    return found


def _add(folder: Path, model: str, table: Path, *targets: str) -> None:
    named = [part for target in targets for part in ("--target", target)]
    command = HERE.command("new", model, "--data", str(table), *named)
    environment = {**HERE.environment, "DESPLIEGUE_HOME": str(folder / "home")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def server(folder: Path) -> Iterator[Server]:
    with serving(folder, folder / "home") as found:
        yield found


@pytest.fixture(scope="session")
def http(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def browser(server: Server) -> Iterator[Browser]:
    # closed with each module: its event loop, and its stack, would be in the way of other tests of this process
    with browser_running(server.url) as found:
        yield found
