"""The question-answering model over HTTP, as its folder holds it; read only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp

from functions.core.definition import Definition
from functions.core.model_folder import load_definition
from functions.core.version_folder import BAKED
from functions.local.application import local_application
from functions.local.home import Home
from functions.serving.promotion import import_and_promote


@pytest.fixture(scope="session")
def definition(root: Path) -> Definition:
    return load_definition(root / "models" / "becas")


@pytest.fixture(scope="session")
def becas(
    definition: Definition, tmp_path_factory: pytest.TempPathFactory, connect: Callable[[ASGIApp], httpx.Client]
) -> httpx.Client:
    home = Home(tmp_path_factory.mktemp("becas"))
    home.create(["becas"])
    import_and_promote(home.registry, "becas", definition.folder / BAKED)
    return connect(local_application(home, {"becas": definition}, base_url="http://localhost"))
