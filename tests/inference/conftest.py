"""The text model over HTTP; trained once, and read only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp

from functions.core.definition import Definition
from functions.core.model_folder import load_definition
from functions.local.application import local_application
from functions.local.home import Home

TEXTS = "project-tags"


@pytest.fixture(scope="session")
def texts_definition(root: Path) -> Definition:
    return load_definition(root / "models" / TEXTS)


@pytest.fixture(scope="session")
def home_of_texts(texts_definition: Definition, filled_once: Callable[[str, Callable[[Path], None]], Path]) -> Home:
    from model_export.training import TrainingRun, train
    from model_export.training_files.rows import read_rows

    def fill(folder: Path) -> None:
        home = Home(folder)
        home.create([TEXTS])
        table = read_rows((texts_definition.folder / "sample.csv").read_bytes(), "sample.csv", texts_definition).table
        assert train(home.registry, TrainingRun(definition=texts_definition, table=table)).promoted

    return Home(filled_once("texts", fill))


@pytest.fixture(scope="session")
def texts(
    home_of_texts: Home, texts_definition: Definition, connect: Callable[[ASGIApp], httpx.Client]
) -> httpx.Client:
    return connect(local_application(home_of_texts, {TEXTS: texts_definition}, base_url="http://localhost"))
