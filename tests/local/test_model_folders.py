"""A model folder that is added to a running server is served, under its hub id too, and a wrong one changes nothing."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp

from functions.core.definition import Definition
from functions.core.model_folder import load_definition, load_definitions
from functions.core.model_removal import ModelRemoval
from functions.core.version_folder import BAKED
from functions.local.application import LastingParts, local_application
from functions.local.home import Home
from functions.local.model_folders import FollowingFolders, ModelFolders
from functions.serving.promotion import import_and_promote

PAIR = {"question": "¿Cuánto paga?", "context": "La beca paga 900 pesos al mes."}


@pytest.fixture
def models(root: Path, tmp_path: Path) -> Path:
    """A folder of models with churn alone."""
    folder = tmp_path / "models"
    shutil.copytree(root / "models" / "churn", folder / "churn")
    return folder


@pytest.fixture
def folders(models: Path) -> ModelFolders:
    """Folders that are read at every question."""
    moments: Iterator[float] = iter(range(0, 100_000, 10))
    return ModelFolders(models, load_definitions(models), clock=lambda: next(moments))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.create(["churn"])
    return made


@pytest.fixture
def client(home: Home, folders: ModelFolders, connect: Callable[[ASGIApp], httpx.Client]) -> httpx.Client:
    """A client of a server that follows the folders."""
    lasting = LastingParts.of(home)

    def build(definitions: Mapping[str, Definition]) -> ASGIApp:
        return local_application(home, definitions, base_url="http://localhost", lasting=lasting)

    return connect(FollowingFolders(folders, build))


def add_becas(root: Path, models: Path) -> None:
    shutil.copytree(root / "models" / "becas", models / "becas", ignore=shutil.ignore_patterns(BAKED))


def publish_becas(root: Path, models: Path, home: Home) -> None:
    add_becas(root, models)
    import_and_promote(home.registry, "becas", root / "models" / "becas" / BAKED)


def test_an_added_folder_is_known_from_then_on(root: Path, models: Path, folders: ModelFolders) -> None:
    before = folders.current()
    assert [*folders] == [*before] == ["churn"]
    assert folders.current() is before
    add_becas(root, models)
    assert (sorted(folders), len(folders), folders["becas"].task) == (["becas", "churn"], 2, "question-answering")
    assert folders["churn"] is before["churn"]


def test_a_folder_that_is_not_whole_is_read_again(
    root: Path, models: Path, folders: ModelFolders, caplog: pytest.LogCaptureFixture
) -> None:
    (models / "becas").mkdir()
    with caplog.at_level(logging.WARNING):
        assert [[*folders] for _ in range(3)] == [["churn"]] * 3
    assert [record.getMessage().count("becas/model.toml") for record in caplog.records] == [1]
    shutil.rmtree(models / "becas")
    add_becas(root, models)
    assert "becas" in folders


def test_an_added_folder_that_is_copied_file_by_file_is_read_until_it_is_whole(root: Path, models: Path) -> None:
    seconds: Iterator[float] = iter(range(100_000))
    folders = ModelFolders(models, load_definitions(models), clock=lambda: next(seconds))
    known = folders["churn"]
    source = root / "models" / "car-price"
    shutil.copytree(source, models / "car-price", ignore=shutil.ignore_patterns("pipeline.py", "__pycache__"))
    assert folders["car-price"].digest != load_definition(source).digest
    shutil.copy(source / "pipeline.py", models / "car-price")
    (models / "churn" / "pipeline.py").write_text("")
    assert folders["car-price"].digest == load_definition(source).digest
    (models / "car-price" / "pipeline.py").write_text("")
    assert folders["car-price"].digest != load_definition(source).digest
    assert folders["churn"] is known
    [folders.current() for _ in range(10)]
    settled = folders["car-price"]
    shutil.copy(source / "pipeline.py", models / "car-price")
    assert folders["car-price"] is settled


def test_a_removed_folder_is_not_known_and_comes_back_as_another_model(
    root: Path, models: Path, folders: ModelFolders
) -> None:
    add_becas(root, models)
    known = folders.current()
    assert sorted(known) == ["becas", "churn"]
    shutil.rmtree(models / "churn")
    assert [*folders] == ["becas"]
    assert folders["becas"] is known["becas"]
    shutil.copytree(root / "models" / "churn", models / "churn")
    (models / "churn" / "pipeline.py").write_text("")
    assert sorted(folders) == ["becas", "churn"]
    assert folders["churn"].digest != known["churn"].digest


def test_a_known_model_stays_as_it_is_while_its_file_changes_or_all_models_are_away(
    root: Path, models: Path, folders: ModelFolders
) -> None:
    known = folders["churn"]
    (models / "churn" / "pipeline.py").write_text("")
    add_becas(root, models)
    assert sorted(folders) == ["becas", "churn"]
    assert folders["churn"] is known
    shutil.rmtree(models)
    assert sorted(folders) == ["becas", "churn"]


def test_folders_are_not_read_more_often_than_needed(root: Path, models: Path) -> None:
    moments = iter([0.0, 0.1, 0.2, 0.6])
    folders = ModelFolders(models, load_definitions(models), clock=lambda: next(moments))
    folders.current()
    add_becas(root, models)
    assert [len(folders.current()) for _ in range(3)] == [1, 1, 2]


def test_a_running_server_answers_for_an_added_model(
    root: Path, models: Path, home: Home, client: httpx.Client
) -> None:
    form = client.post("/models/churn/uploads", json={"file_name": "rows.csv"}).json()["data"]
    hub_path = "/models/BecarIA/Longformer-SQuAD-becas-1"
    assert client.post(hub_path, json={"inputs": PAIR}).status_code == 404
    assert client.get("/models/becas").status_code == 404
    publish_becas(root, models, home)
    assert client.post(hub_path, json={"inputs": PAIR}).json()["answer"]
    assert client.get("/models/becas").json()["data"]["version"] == 1
    assert client.post("/models/becas/predict", json=PAIR).status_code == 200
    assert hub_path in client.get("/openapi.json").json()["paths"]
    # a form that was signed before is still one
    sent = client.post(form["url"], data=form["fields"], files={"file": ("rows.csv", b"id,churn\n1,no\n")})
    assert sent.status_code == 204, sent.text


def test_a_running_server_has_no_removed_model_and_serves_the_one_that_comes_under_its_name(
    root: Path, models: Path, home: Home, client: httpx.Client
) -> None:
    predict = "/models/becas/predict"
    publish_becas(root, models, home)
    assert client.post(predict, json=PAIR).status_code == 200
    ModelRemoval(home.registry, home.uploads, "becas").remove()
    assert client.post(predict, json=PAIR).status_code == 503  # the folder is there still
    shutil.rmtree(models / "becas")
    assert client.post(predict, json=PAIR).status_code == 404
    assert client.get("/models/becas").status_code == 404
    assert [one["name"] for one in client.get("/models").json()["data"]["models"]] == ["churn"]
    assert predict not in client.get("/openapi.json").json()["paths"]
    publish_becas(root, models, home)
    assert client.post(predict, json=PAIR).status_code == 200
