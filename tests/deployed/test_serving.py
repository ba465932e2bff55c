"""Predictions of a deployment: the local application's, and of the version in production at any moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from functions.core.definition import Definition
from functions.local.application import local_application
from functions.local.home import Home
from tests.deployed.deployment import Deployment, Row, Stack

MODELS = ("churn", "car-price", "project-tags", "becas")
Connect = Callable[[ASGIApp], httpx.Client]


def leaves(value: Any) -> list[Any]:
    """Everything in a document that is no container, in its order."""
    if isinstance(value, dict):
        return [leaf for key in sorted(value) for leaf in (key, *leaves(value[key]))]
    return [leaf for one in value for leaf in leaves(one)] if isinstance(value, list) else [value]


@pytest.fixture
def local(stack: Stack, every_model: Mapping[str, Definition], tmp_path: Path, connect: Connect) -> httpx.Client:
    """The laptop's application over a copy of the deployment's registry."""
    home = Home(tmp_path)
    home.create(list(every_model))
    s3, bucket = stack.clients("s3"), stack.outputs["RegistryBucket"]
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="models/"):
        for key in (one["Key"] for one in page.get("Contents", [])):
            home.registry.storage.write(key, s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    return connect(local_application(home, every_model, base_url="http://localhost"))


@pytest.mark.parametrize("model", MODELS)
def test_every_model_answers_as_the_local_application_does(
    deployed: Deployment, local: httpx.Client, every_model: Mapping[str, Definition], model: str
) -> None:
    instances = list(every_model[model].examples)
    found = deployed.predict(model, instances)
    expected = local.post(f"/models/{model}/predict", json=instances).json()["data"]
    assert found["version"] == expected["version"]
    assert len(found["predictions"]) == len(instances)
    for ours, theirs in zip(leaves(found), leaves(expected), strict=True):
        assert ours == (pytest.approx(theirs, rel=1e-9) if isinstance(theirs, float) else theirs)


def test_a_retrain_is_followed_by_the_new_version(deployed: Deployment, cars: list[Row], car: Row) -> None:
    before = deployed.predict("car-price", car)
    job = deployed.retrain("car-price", cars)
    after = deployed.predict("car-price", car)
    assert (job["state"], job["promoted"]) == ("succeeded", True), job
    assert after["version"] == job["version"] != before["version"]
    assert after["predictions"] != before["predictions"]


def test_a_rollback_and_its_undoing_are_in_the_next_answer(deployed: Deployment, cars: list[Row], car: Row) -> None:
    old = deployed.predict("car-price", car)
    new = deployed.retrain("car-price", cars)["version"]
    for version in (old["version"], new, old["version"]):
        assert deployed.promote("car-price", version)["version"] == version
        assert deployed.predict("car-price", car)["version"] == version
    assert deployed.predict("car-price", car)["predictions"] == old["predictions"]


def test_a_pinned_version_stays_when_another_is_trained(deployed: Deployment, cars: list[Row], car: Row) -> None:
    version = deployed.predict("car-price", car)["version"]
    deployed.promote("car-price", version, pin=True)
    job = deployed.retrain("car-price", cars)
    assert (job["state"], job["promoted"]) == ("succeeded", False), job
    assert deployed.predict("car-price", car)["version"] == version
    deployed.promote("car-price", version, pin=False)
