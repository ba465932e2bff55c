"""A server as users start it, and one in its way."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from despliegue_client import Client
from functions.local.home import Home
from tests.copied_models import copied
from tests.servers_in_the_way import InTheWay, in_the_way
from tools.serving import serving

MODELS = ("becas", "car-price", "churn")


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory, trained_home: Home) -> Iterator[str]:
    folder = copied(MODELS, tmp_path_factory.mktemp("served"))
    shutil.copytree(trained_home.root, folder / "home")
    with serving(folder, folder / "home") as server:
        yield server.url


@pytest.fixture
def way(address: str) -> Iterator[InTheWay]:
    with in_the_way(address) as found:
        yield found


@pytest.fixture
def asking(way: InTheWay) -> Iterator[Callable[..., Client]]:
    """Makes a client that asks through the server in the way."""
    opened: list[Client] = []

    def make(**options: object) -> Client:
        opened.append(Client(way.url, **{"retry_seconds": 60, **options}))  # type: ignore[arg-type]
        return opened[-1]

    yield make
    for client in opened:
        client.close()


@pytest.fixture
def client(asking: Callable[..., Client]) -> Client:
    return asking()


@pytest.fixture(scope="session")
def cars_file(root: Path) -> Path:
    return root / "models" / "car-price" / "sample.csv"
