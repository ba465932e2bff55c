"""The part of the suite that changes nothing, for one's own models and a token that only predicts.

The models are those of this checkout that the deployment names; API_TOKEN may be for one of them alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from functions.core.definition import Definition
from tests.deployed.deployment import Deployment, reading_client

LISTS = ("schema", "versions", "history", "performance", "production", "jobs")


@pytest.fixture(scope="module")
def url() -> str:
    found = os.environ.get("DESPLIEGUE_BASE_URL")
    if not found:
        pytest.skip("SKIPPED: no deployment to test: DESPLIEGUE_BASE_URL is not set")
    return found


@pytest.fixture(scope="module")
def reading(url: str) -> Iterator[Deployment]:
    with reading_client(url, os.environ.get("API_TOKEN", "")) as http:
        yield Deployment(url, http)


@pytest.fixture(scope="module")
def served(reading: Deployment, every_model: Mapping[str, Definition]) -> dict[str, int]:
    """The models of this checkout that have a version there, and that the token is for."""
    versions = {one["name"]: one["version"] for one in reading.get("/models")["models"]}
    known = {name: version for name, version in versions.items() if version is not None and name in every_model}
    assert known, f"none of {sorted(every_model)} is served there: {sorted(versions)}"
    mine = {name: known[name] for name in known if reading.http.get(f"/models/{name}/schema").status_code != 403}
    assert mine, f"the token is for none of {sorted(known)}, or lacks the scope predict"
    return mine


def test_it_answers_and_describes_itself(reading: Deployment) -> None:
    assert reading.http.get("/ping").status_code == 200
    assert reading.http.get("/openapi.json").json()["openapi"].startswith("3.")


def test_every_model_predicts_its_own_examples_by_the_version_in_production(
    reading: Deployment, served: dict[str, int], every_model: Mapping[str, Definition]
) -> None:
    for name, version in served.items():
        instances = list(every_model[name].examples)
        answer: Any = reading.predict(name, instances)
        assert (answer["version"], len(answer["predictions"])) == (version, len(instances)), name


def test_what_is_kept_of_every_model_can_be_read(reading: Deployment, served: dict[str, int]) -> None:
    for name in served:
        for part in LISTS:
            reading.get(f"/models/{name}/{part}")


def test_nobody_predicts_or_reads_without_a_token(url: str, served: dict[str, int]) -> None:
    with reading_client(url, "") as nobody:
        for name in served:
            assert nobody.get(f"/models/{name}/versions").status_code == 401
            assert nobody.post(f"/models/{name}/predict", json={}).status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/models/a/retrain"), ("PUT", "/models/a/production"), ("DELETE", "/models/a/predict"), ("POST", "/")],
)
def test_its_client_fails_before_it_sends_what_may_change_something(method: str, path: str) -> None:
    with reading_client("http://192.0.2.1", "") as http, pytest.raises(pytest.fail.Exception, match="may change"):
        http.request(method, path)
