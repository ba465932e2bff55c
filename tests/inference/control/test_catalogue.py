"""The catalogue: the health of the service, its models, and the schema of what each takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx
import jsonschema  # type: ignore[import-untyped]
import pytest
from starlette.types import ASGIApp

from functions import VERSION
from functions.core.definition import Definition
from functions.local.application import local_application
from functions.local.home import Home


def test_health_names_the_service_its_version_and_the_models(reading: httpx.Client) -> None:
    assert reading.get("/").json()["data"] == {
        "service": "despliegue",
        "version": VERSION,
        "models": ["car-price", "churn"],
    }


def test_models_are_summarised(reading: httpx.Client, definitions: Mapping[str, Definition]) -> None:
    found = reading.get("/models").json()["data"]["models"]
    assert [one["name"] for one in found] == list(definitions)
    for one in found:
        assert one.keys() == {"name", "task", "description", "retrainable", "hub_id", "version"}
        assert (one["version"], one["hub_id"], one["retrainable"]) == (1, None, True)
        assert one["description"] == definitions[one["name"]].description


@pytest.mark.parametrize("model", ["churn", "car-price"])
def test_a_model_shows_its_schema_example_metrics_and_limits(
    reading: httpx.Client, definitions: Mapping[str, Definition], model: str
) -> None:
    found = reading.get(f"/models/{model}").json()["data"]
    assert found["example"] == definitions[model].examples[0]
    assert found["metrics"]
    assert found["limits"]["max_instances"] == definitions[model].limits.max_instances
    assert set(found["schema"]["properties"]) >= set(definitions[model].schema.feature_names)
    assert definitions[model].schema.target.name not in found["schema"]["properties"]


@pytest.mark.parametrize("model", ["churn", "car-price"])
def test_the_schema_accepts_the_sample_and_the_predictions(
    reading: httpx.Client, instances: Callable[[str], list[dict[str, Any]]], model: str
) -> None:
    found = reading.get(f"/models/{model}").json()["data"]
    rows = instances(model)[:50]
    predictions = reading.post(f"/models/{model}/predict", json=rows).json()["data"]["predictions"]
    takes = jsonschema.Draft202012Validator(found["schema"])
    gives = jsonschema.Draft202012Validator(found["prediction_schema"])
    jsonschema.Draft202012Validator.check_schema(found["schema"])
    assert not [error.message for row in rows for error in takes.iter_errors(row)]
    assert not [error.message for one in predictions for error in gives.iter_errors(one)]


def test_the_schema_and_predict_refuse_the_same_instances(
    reading: httpx.Client, definitions: Mapping[str, Definition]
) -> None:
    car = dict(definitions["car-price"].examples[0])
    takes = jsonschema.Draft202012Validator(reading.get("/models/car-price").json()["data"]["schema"])
    changes: list[dict[str, Any]] = [
        {"year": "2014"},
        {"year": True},
        {"year": 2014.5},
        {"year": 1900},
        {"km_driven": None},
        {"name": ""},
        {"name": None},
        {"transmission": "CVT"},
        {"colour": "red"},
        {"year": 2014.0},
        {"fuel": "Hydrogen"},
    ]
    for change in changes:
        accepted = reading.post("/models/car-price/predict", json={**car, **change}).status_code == 200
        assert takes.is_valid({**car, **change}) == accepted, change


def test_before_the_first_version_the_definition_is_shown(
    definitions: Mapping[str, Definition], connect: Callable[[ASGIApp], httpx.Client], tmp_path: Any
) -> None:
    client = connect(local_application(Home(tmp_path), definitions, base_url="http://localhost"))
    found = client.get("/models/churn").json()["data"]
    assert (found["version"], found["metrics"]) == (None, None)
    assert found["example"] == definitions["churn"].examples[0]
    assert set(found["schema"]["required"]) == set(definitions["churn"].schema.feature_names)
    assert [one["version"] for one in client.get("/models").json()["data"]["models"]] == [None, None]


def test_the_schema_follows_the_version_in_production(
    client: httpx.Client, labelled: Callable[[str], list[dict[str, Any]]]
) -> None:
    def properties() -> Any:
        return client.get("/models/car-price").json()["data"]["schema"]["properties"]

    rows = [row for row in labelled("car-price") if row["fuel"] in ("Petrol", "Diesel") and row["year"] >= 2005]
    before = properties()
    assert client.post("/models/car-price/retrain", json=rows).json()["data"]["promoted"]
    after = properties()
    assert "CNG" in before["fuel"]["x-levels"]
    assert after["fuel"]["x-levels"] == ["Diesel", "Petrol"]
    assert before["year"]["x-training-range"][0] < 2005 <= after["year"]["x-training-range"][0]
    client.put("/models/car-price/production", json={"version": 1})
    assert properties() == before


@pytest.mark.parametrize("path", ["/", "/ping", "/ping/"])
def test_monitors_get_an_answer_by_get_and_by_head(reading: httpx.Client, path: str) -> None:
    assert reading.get(path).json()["data"]["service"] == "despliegue"
    assert (reading.head(path).status_code, reading.head(path).content) == (200, b"")
