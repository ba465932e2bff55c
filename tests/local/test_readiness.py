"""The answer to a readiness probe: each model opened as a prediction opens it, and no model hides another."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from functions.core.definition import Definition
from functions.local.application import local_application
from functions.local.home import Home
from tests.conftest import BASE_URL, Connect


@pytest.fixture
def probed(home: Home, definitions: Mapping[str, Definition], connect: Connect) -> httpx.Client:
    return connect(local_application(home, definitions, base_url=BASE_URL))


def graph_of(home: Home, model: str) -> Path:
    return home.root / "registry" / "models" / model / "versions" / "1" / "model.onnx"


@pytest.mark.parametrize("query", ["", "?all=true"])
def test_a_server_is_ready_when_every_model_answers(probed: httpx.Client, query: str) -> None:
    answer = probed.get(f"/ready{query}")
    assert answer.status_code == 200
    assert answer.json()["data"] == {
        "ready": True,
        "models": [{"name": name, "version": 1, "reason": None} for name in ("car-price", "churn")],
    }


def test_one_model_that_cannot_be_served_keeps_the_others_in_service_and_is_named(
    probed: httpx.Client, home: Home
) -> None:
    graph_of(home, "churn").write_bytes(b"damaged")
    answer = probed.get("/ready")
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert data["ready"] is False
    assert [(one["name"], one["version"]) for one in data["models"]] == [("car-price", 1), ("churn", None)]
    assert "no version that can be served" in data["models"][1]["reason"]


def test_a_monitor_may_ask_for_all_models(probed: httpx.Client, home: Home) -> None:
    shutil.rmtree(home.root / "registry" / "models" / "churn")
    answer = probed.get("/ready?all=true")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert [(fault["loc"], fault["type"]) for fault in answer.json()["errors"]] == [(["churn"], "not_ready")]


def test_a_server_that_can_serve_nothing_is_not_ready_and_its_disk_is_not_shown(
    probed: httpx.Client, home: Home
) -> None:
    for model in ("churn", "car-price"):
        pointer = home.root / "registry" / "models" / model / "production.json"
        pointer.unlink()
        pointer.mkdir()
    shutil.rmtree(home.root / "registry" / "models" / "churn")
    answer = probed.get("/ready")
    assert answer.status_code == 503
    assert {fault["loc"][0] for fault in answer.json()["errors"]} == {"churn", "car-price"}
    assert str(home.root) not in answer.text
    assert probed.get("/ping").status_code == 200


def test_a_damage_after_the_first_answer_leaves_the_version_in_memory_ready(probed: httpx.Client, home: Home) -> None:
    assert probed.get("/ready?all=true").status_code == 200
    graph_of(home, "churn").unlink()
    assert probed.get("/ready?all=true").status_code == 200


def test_a_misspelled_value_is_refused(probed: httpx.Client) -> None:
    assert probed.get("/ready?all=maybe").status_code == 422
