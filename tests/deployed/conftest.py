"""A deployment that answers at DESPLIEGUE_BASE_URL, and, in the rehearsal, the stack behind it.

API_TOKEN is a token with every scope. DESPLIEGUE_TOKEN_PREDICT, _TRAIN, _BATCH and _ADMIN have one scope each.
DESPLIEGUE_STACK names the stack for tests that look behind the API; the rehearsal sets all of these.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from functions.core.definition import Definition
from functions.core.model_folder import load_definitions
from tests.deployed.deployment import Deployment, Row, Stack


def _variable(name: str) -> str:
    found = os.environ.get(name)
    if not found:
        pytest.skip(f"SKIPPED: no deployment to test: {name} is not set")
    return found


@pytest.fixture(scope="session")
def deployed() -> Iterator[Deployment]:
    """The deployment; afterwards every model has the version in production that it had before."""
    url = _variable("DESPLIEGUE_BASE_URL")
    headers = {"Authorization": f"Bearer {_variable('API_TOKEN')}"}
    with httpx.Client(base_url=url, headers=headers, timeout=60) as http:
        found = Deployment(url, http)
        served = [one["name"] for one in found.get("/models")["models"] if one["version"] is not None]
        before = {model: found.production(model) for model in served}
        yield found
        for model, was in before.items():
            is_now = found.production(model)
            if (is_now["version"], is_now["pinned"]) != (was["version"], was["pinned"]):
                found.promote(model, was["version"], pin=was["pinned"])


@pytest.fixture(scope="session")
def stack(deployed: Deployment) -> Stack:
    """The resources behind the deployment. Tests may break them, so it must never be one of a customer."""
    import boto3

    name = _variable("DESPLIEGUE_STACK")
    cloudformation = boto3.client("cloudformation")
    described = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    resources = [one for page in pages for one in page["StackResourceSummaries"]]
    return Stack(
        {one["OutputKey"]: one["OutputValue"] for one in described},
        {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in resources},
        boto3.client,
    )


@pytest.fixture(scope="session")
def tokens(deployed: Deployment) -> dict[str, str]:
    """A token for each scope, which has that scope alone."""
    return {scope: _variable(f"DESPLIEGUE_TOKEN_{scope.upper()}") for scope in ("predict", "train", "batch", "admin")}


@pytest.fixture(scope="session")
def every_model(root: Path) -> Mapping[str, Definition]:
    """Every model of the checkout."""
    return load_definitions(root / "models")


@pytest.fixture
def cars(root: Path) -> list[Row]:
    """Labelled cars, each time without another one: what was trained on before would make no new job."""
    rows: list[Row] = json.loads((root / "examples" / "car-price-rows.json").read_text("utf-8"))
    return random.sample(rows, len(rows) - 2)


@pytest.fixture
def car(every_model: Mapping[str, Definition]) -> Row:
    return dict(every_model["car-price"].examples[0])
