"""Models of several targets over HTTP: decisions of each, texts with several labels, and both protocols."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import numpy as np
import orjson
import pytest
from starlette.types import ASGIApp

from functions.core.model_folder import load_definition
from functions.local.application import local_application
from functions.local.home import Home
from model_export.training import TrainingRun, train

PIPELINE = '''"""A model of two targets."""

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier, RegressorChain
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC


def build_pipeline():
    return {}
'''
NUMBERS = """name = "room"
task = "tabular-regression"
description = "Two numbers of a room"

[[target]]
name = "rent"
type = "number"
description = "Euros a month"

[[target]]
name = "heat.loss €"
type = "number"

[features.length]
type = "number"

[limits]
minimum_training_rows = 10
"""
LABELS = (
    NUMBERS.replace("room", "kind")
    .replace("regression", "classification")
    .replace('"rent"\ntype = "number"', '"large"\ntype = "boolean"')
    .replace('"heat.loss €"\ntype = "number"', '"size"\ntype = "string"\nallowed = ["big", "mid", "small"]')
)
TEXT = """name = "tags"
task = "text-classification"
description = "Two tags of a text"
hub_id = "me/tags"

[[target]]
name = "good"
type = "integer"
allowed = [0, 1]

[[target]]
name = "day"
type = "integer"
allowed = [0, 1]

[features.text]
type = "string"
categorical = false

[limits]
minimum_training_rows = 10
"""
LENGTHS = [1 + place / 20 for place in range(200)]
TEXTS = [f"{word} {time} {number}" for number in range(40) for word in ("good", "bad") for time in ("day", "night")]
ROWS: dict[str, dict[str, list[Any]]] = {
    "room": {"length": LENGTHS, "rent": [100 * one for one in LENGTHS], "heat.loss €": [7 - one for one in LENGTHS]},
    "kind": {
        "length": LENGTHS,
        "large": [one > 6 for one in LENGTHS],
        "size": [["small", "mid", "big"][int(one > 4) + int(one > 8)] for one in LENGTHS],
    },
    "tags": {
        "text": TEXTS,
        "good": [int("good" in text) for text in TEXTS],
        "day": [int("day" in text) for text in TEXTS],
    },
}
FOLDERS: dict[str, tuple[str, str, Any]] = {
    "room": (NUMBERS, "make_pipeline(StandardScaler(), RegressorChain(Ridge(alpha=1e-6)))", {"length": 2.0}),
    "kind": (LABELS, "make_pipeline(StandardScaler(), MultiOutputClassifier(LinearSVC()))", {"length": 2.0}),
    "tags": (
        TEXT,
        "make_pipeline(TfidfVectorizer(), OneVsRestClassifier(LogisticRegression()))",
        {"text": "a good day"},
    ),
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, connect: Callable[[ASGIApp], httpx.Client]) -> httpx.Client:
    models: Path = tmp_path_factory.mktemp("models")
    home = Home(tmp_path_factory.mktemp("home"))
    home.create(ROWS)
    definitions = {}
    for name, (model_toml, pipeline, example) in FOLDERS.items():
        folder = models / name
        folder.mkdir()
        (folder / "model.toml").write_text(model_toml, "utf-8")
        (folder / "pipeline.py").write_text(PIPELINE.format(pipeline), "utf-8")
        (folder / "examples.json").write_bytes(orjson.dumps([example]))
        definitions[name] = load_definition(folder)
        assert train(home.registry, TrainingRun(definitions[name], ROWS[name])).promoted
    return connect(local_application(home, definitions, base_url="http://localhost"))


def predict(client: httpx.Client, model: str, body: Any) -> list[Any]:
    answer = client.post(f"/models/{model}/predict", json=body)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"]["predictions"])


def test_numbers_are_named_after_their_targets(client: httpx.Client) -> None:
    found = predict(client, "room", [{"length": 2}, {"length": 5.5}])
    assert [list(one) for one in found] == [["rent", "heat.loss €"]] * 2
    np.testing.assert_allclose([list(one.values()) for one in found], [[200, 5], [550, 1.5]], rtol=1e-4)


def test_decisions_are_of_their_own_target(client: httpx.Client) -> None:
    small, big = predict(client, "kind", [{"length": 1}, {"length": 10.9}])
    assert (small["large"]["label"], small["size"]["label"]) == ("False", "small")
    assert (big["large"]["label"], big["size"]["label"]) == ("True", "big")
    assert small["large"]["decision"] < 0 < big["large"]["decision"]
    assert big["size"]["decision"].keys() == {"big", "mid", "small"}
    assert "score" not in big["large"]


def test_a_text_has_several_labels_in_every_form_of_a_body(client: httpx.Client) -> None:
    (one,) = predict(client, "tags", {"texts": [{"text": "good night"}]})
    assert {name: answer["label"] for name, answer in one.items()} == {"good": "1", "day": "0"}
    assert predict(client, "tags", [{"text": "good night"}] * 3) == [one] * 3


@pytest.mark.parametrize("model", FOLDERS)
def test_answers_are_as_the_schema_and_the_document_describe_them(client: httpx.Client, model: str) -> None:
    schema = client.get(f"/models/{model}/schema").json()["data"]
    (found,) = predict(client, model, [schema["example"]])
    jsonschema.Draft202012Validator(schema["prediction_schema"]).validate(found)
    document = client.get("/openapi.json").json()
    answer = document["paths"][f"/models/{model}/predict"]["post"]["responses"]["200"]
    items = answer["content"]["application/json"]["schema"]["properties"]["data"]["properties"]["predictions"]["items"]
    assert list(items["properties"]) == list(found)
    jsonschema.Draft202012Validator(items).validate(found)
    if model == "room":
        assert items["properties"]["rent"] == {"type": "number", "description": "Euros a month"}


def test_the_hugging_face_protocol_says_why_it_has_no_answer(client: httpx.Client) -> None:
    for path, body in (("/models/tags", {"inputs": "good"}), ("/models/me/tags", {"inputs": ["good"]})):
        answer = client.post(path, json=body)
        assert answer.status_code == 422
        assert answer.json()["error"].startswith("this model has several targets")
        assert "POST /models/tags/predict gives one object for each instance" in answer.json()["error"]
        assert path not in client.get("/openapi.json").json()["paths"]


def test_warnings_and_refusals_are_those_of_the_features(client: httpx.Client) -> None:
    answer = client.post("/models/room/predict", json=[{"length": 1e3}]).json()["data"]
    assert [warning["type"] for warning in answer["warnings"][0]] == ["out_of_range"]
    refused = client.post("/models/room/predict", json=[{"length": 1, "rent": 3}])
    assert (refused.status_code, refused.json()["errors"][0]["loc"]) == (422, ["body", 0, "rent"])


def test_metrics_are_means_and_of_each_target(client: httpx.Client) -> None:
    metrics = client.get("/models/kind").json()["data"]["metrics"]
    assert "log_loss" not in metrics
    assert {"subset_accuracy", "hamming_loss", "roc_auc"} <= metrics.keys()
    assert "f1_micro" not in metrics
    found = client.get("/models/kind/performance").json()["data"]["performance"]
    assert found["targets"].keys() == found["class"].keys() == {"large", "size"}
    one = client.get("/models/kind/performance?filter=other")
    assert (one.status_code, "class, overall, slices, targets" in one.text) == (404, True)
