"""Classifiers that have no probabilities, from a model's folder to its answers in both protocols."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import orjson
import pytest
from starlette.types import ASGIApp

from functions.core.definition import Definition
from functions.core.model_folder import load_definition
from functions.local.application import local_application
from functions.local.home import Home
from model_export.training import TrainingRun, train

PIPELINE = '''"""A classifier without probabilities."""

from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC


def build_pipeline():
    return {}
'''
TABLE = """name = "{name}"
task = "tabular-classification"
description = "A size by its length"

[target]
name = "size"
type = "string"
allowed = {labels}

[features.length]
type = "number"

[limits]
minimum_training_rows = 10

[gate]
floors = {{ roc_auc = 0.5 }}
"""
TEXT = """name = "tone"
task = "text-classification"
description = "The tone of a text"

[target]
name = "tone"
type = "string"

[features.text]
type = "string"
categorical = false

[limits]
minimum_training_rows = 10
"""
LENGTHS = [1 + place / 20 for place in range(200)]


def sized(labels: list[str]) -> dict[str, list[Any]]:
    return {"length": LENGTHS, "size": [labels[int((length - 1) * len(labels) / 10)] for length in LENGTHS]}


ROWS: dict[str, dict[str, list[Any]]] = {
    "two": sized(["small", "large"]),
    "three": sized(["small", "middle", "large"]),
    "tone": {
        "text": [f"{word} day {number}" for number in range(50) for word in ("good", "bad")],
        "tone": ["glad", "sad"] * 50,
    },
}


def write_folder(folder: Path, model_toml: str, pipeline: str, example: Mapping[str, Any]) -> Definition:
    folder.mkdir(parents=True)
    (folder / "model.toml").write_text(model_toml)
    (folder / "pipeline.py").write_text(PIPELINE.format(pipeline))
    (folder / "examples.json").write_bytes(orjson.dumps([example]))
    return load_definition(folder)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, connect: Callable[[ASGIApp], httpx.Client]) -> httpx.Client:
    models = tmp_path_factory.mktemp("models")
    home = Home(tmp_path_factory.mktemp("home"))
    home.create(ROWS)
    two, three = (TABLE.format(name=name, labels=sorted(set(ROWS[name]["size"]))) for name in ("two", "three"))
    definitions = {
        "two": write_folder(models / "two", two, "make_pipeline(StandardScaler(), LinearSVC())", {"length": 2.0}),
        "three": write_folder(models / "three", three, "make_pipeline(RidgeClassifier())", {"length": 2.0}),
        "tone": write_folder(models / "tone", TEXT, "make_pipeline(CountVectorizer(), LinearSVC())", {"text": "good"}),
    }
    for name, definition in definitions.items():
        assert train(home.registry, TrainingRun(definition, ROWS[name])).promoted
    return connect(local_application(home, definitions, base_url="http://localhost"))


def predict(client: httpx.Client, model: str, rows: list[Any]) -> list[Any]:
    answer = client.post(f"/models/{model}/predict", json=rows)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"]["predictions"])


def test_of_two_labels_the_decision_is_a_number(client: httpx.Client) -> None:
    small, large = predict(client, "two", [{"length": 1.0}, {"length": 9.0}])
    assert (small["label"], large["label"]) == ("small", "large")
    # classes are sorted: large is the first
    assert large["decision"] < 0 < small["decision"]
    assert small.keys() == {"label", "decision"}


def test_of_several_labels_each_has_a_number(client: httpx.Client) -> None:
    (found,) = predict(client, "three", [{"length": 10.0}])
    assert found.keys() == {"label", "decision"}
    assert found["decision"].keys() == {"small", "middle", "large"}
    assert found["label"] == max(found["decision"], key=found["decision"].get) == "large"


@pytest.mark.parametrize("model", ROWS)
def test_answers_are_as_the_schema_and_the_document_describe_them(client: httpx.Client, model: str) -> None:
    schema = client.get(f"/models/{model}/schema").json()["data"]
    (found,) = predict(client, model, [schema["example"]])
    document = client.get("/openapi.json").json()
    operation = document["paths"][f"/models/{model}/predict"]["post"]
    described = operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert '"decision"' in orjson.dumps(described).decode()
    assert '"score"' not in orjson.dumps(described).decode()
    jsonschema.Draft202012Validator(schema["prediction_schema"]).validate(found)


def test_the_metrics_have_the_area_under_the_curve_and_no_log_loss(client: httpx.Client) -> None:
    for model in ROWS:
        metrics = client.get(f"/models/{model}").json()["data"]["metrics"]
        assert metrics["roc_auc"] > 0.8
        assert "log_loss" not in metrics


def test_the_hugging_face_protocol_says_why_it_has_no_scores(client: httpx.Client) -> None:
    answer = client.post("/models/tone", json={"inputs": "good"})
    assert answer.status_code == 422
    assert "its classifier has no probabilities: POST /models/tone/predict" in answer.json()["error"]
    assert "/models/tone" not in client.get("/openapi.json").json()["paths"]
    (found,) = predict(client, "tone", [{"text": "good"}])
    assert found["label"] == "glad"
