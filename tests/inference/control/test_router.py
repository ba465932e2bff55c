"""The control function serves the routes of the table, and predicts nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import httpx
import pytest
from starlette.types import ASGIApp

from functions.core.definition import Definition
from functions.core.submission import Submissions
from functions.inference.application import create_application
from functions.inference.control.context import Control
from functions.inference.control.fastapi_app import fastapi_app
from functions.inference.control.router import control_routers
from functions.local.home import Home
from functions.local.upload_links import LocalUploadLinks
from tests.batching import local_batching
from tests.inference.served_routes import TABLE, routes_of


@pytest.fixture
def control(trained_home: Home, definitions: Mapping[str, Definition]) -> Control:
    registry = trained_home.registry
    links = LocalUploadLinks(trained_home.uploads)
    return Control(
        definitions,
        registry,
        Submissions(registry, trained_home.uploads),
        links,
        local_batching(registry, trained_home.uploads),
    )


def test_the_control_application_serves_the_control_routes_alone(control: Control) -> None:
    assert routes_of(create_application(fastapi_app(control_routers(control)))) == TABLE["control"]


def test_the_control_application_predicts_nothing(
    control: Control, connect: Callable[[ASGIApp], httpx.Client], definitions: Mapping[str, Definition]
) -> None:
    client = connect(create_application(fastapi_app(control_routers(control))))
    answer = client.post("/models/churn/predict", json=dict(definitions["churn"].examples[0]))
    assert answer.status_code == 404
