"""A server as users start it, with a site whose pages it allows, and one whose pages it does not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from functions.core.definition import Definition
from functions.core.model_folder import load_definitions
from functions.local.home import Home
from tests.clients.sites import Site, site_running
from tests.copied_models import copied
from tools.serving import Server, serving

MODELS = ("becas", "car-price", "churn", "project-tags")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(MODELS, tmp_path_factory.mktemp("clients"))


@pytest.fixture(scope="session")
def served(folder: Path) -> Mapping[str, Definition]:
    return load_definitions(folder / "models")


@pytest.fixture(scope="session")
def allowed_site() -> Iterator[Site]:
    with site_running() as found:
        yield found


@pytest.fixture(scope="session")
def strange_site() -> Iterator[Site]:
    with site_running() as found:
        yield found


@pytest.fixture(scope="session")
def server(folder: Path, home_of_samples: Home, allowed_site: Site) -> Iterator[Server]:
    shutil.copytree(home_of_samples.root, folder / "home")
    with serving(folder, folder / "home", "--allow-origin", allowed_site.origin) as found:
        yield found


@pytest.fixture(scope="session")
def http(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=60) as client:
        yield client
