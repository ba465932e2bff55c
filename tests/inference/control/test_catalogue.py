"""The catalogue: the health of the service, its models, and the schema of what each takes and gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import jsonschema  # type: ignore[import-untyped]
import pytest
from starlette.types import ASGIApp

from functions import VERSION
from functions.core.definition import Definition
from functions.core.machine_memory import trainer_memory_bytes
from functions.core.training_memory import most_training_bytes
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
def test_a_model_shows_its_schema_metrics_and_limits(
    reading: httpx.Client, definitions: Mapping[str, Definition], model: str
) -> None:
    found = reading.get(f"/models/{model}").json()["data"]
    assert found["metrics"]
    assert found["limits"]["max_instances"] == definitions[model].limits.max_instances
    assert found["limits"]["max_training_bytes"] == most_training_bytes(trainer_memory_bytes())
    assert set(found["schema"]["properties"]) >= set(definitions[model].schema.feature_names)
    assert definitions[model].schema.target.name not in found["schema"]["properties"]
    assert found["targets"] == [definitions[model].schema.target.name]


@pytest.mark.parametrize(
    ("model", "rename"),
    [("churn", {}), ("car-price", {"fuel_type": "fuel"})],
)
def test_a_model_shows_which_columns_of_a_file_are_its_own(
    reading: httpx.Client, model: str, rename: dict[str, str]
) -> None:
    found = reading.get(f"/models/{model}").json()["data"]
    assert found["files"] == {"snake_case_columns": True, "rename": rename, "join": {}}


@pytest.mark.parametrize("model", ["churn", "car-price"])
def test_what_is_public_of_a_model_holds_no_value_of_its_training_rows(
    reading: httpx.Client, trained_home: Home, model: str
) -> None:
    schema = trained_home.registry.manifest(model, 1).schema
    levels = {level for feature in schema.features for level in feature.levels}
    assert any(feature.observed for feature in schema.features)
    for path in (f"/models/{model}", "/models"):
        public = reading.get(path)
        assert "example" not in public.json()["data"]
        assert not [level for level in levels if f'"{level}"' in public.text]
    for path in (f"/models/{model}", "/openapi.json"):
        assert not re.search('"x-(levels|training-range)"', reading.get(path).text)


@pytest.mark.parametrize("model", ["churn", "car-price"])
def test_the_whole_schema_has_a_route_of_its_own(
    reading: httpx.Client, definitions: Mapping[str, Definition], model: str
) -> None:
    found = reading.get(f"/models/{model}/schema").json()["data"]
    public = reading.get(f"/models/{model}").json()["data"]
    assert found.keys() == {"model", "version", "schema", "prediction_schema", "example"}
    assert (found["model"], found["version"]) == (model, 1)
    assert found["example"] == definitions[model].examples[0]
    assert found["prediction_schema"] == public["prediction_schema"]
    learned = ("x-levels", "x-training-range")
    for name, feature in found["schema"]["properties"].items():
        bare = {key: value for key, value in feature.items() if key not in learned}
        assert bare == public["schema"]["properties"][name]
    assert any(key in feature for key in learned for feature in found["schema"]["properties"].values())
    jsonschema.validate(found["example"], found["schema"])


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
    whole = client.get("/models/churn/schema").json()["data"]
    assert (whole["version"], whole["schema"]) == (None, found["schema"])
    assert whole["example"] == definitions["churn"].examples[0]
    assert set(found["schema"]["required"]) == set(definitions["churn"].schema.feature_names)
    assert [one["version"] for one in client.get("/models").json()["data"]["models"]] == [None, None]


def test_the_schema_follows_the_version_in_production(
    client: httpx.Client, labelled: Callable[[str], list[dict[str, Any]]]
) -> None:
    def properties() -> Any:
        return client.get("/models/car-price/schema").json()["data"]["schema"]["properties"]

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
