"""The document behind the API Gateway: a token for each operation that needs one, and the gateway's own answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate
from starlette.types import ASGIApp

from functions.core.definition import Definition
from functions.core.model_folder import load_definitions
from functions.core.routes import ROUTES
from functions.core.submission import Submissions
from functions.inference.application import create_application
from functions.inference.control.context import Control
from functions.inference.control.fastapi_app import fastapi_app
from functions.inference.control.gateway_document import GATEWAY_ANSWER, behind_gateway
from functions.inference.control.router import control_routers
from functions.local.home import Home
from functions.local.upload_links import LocalUploadLinks
from tests.batching import local_batching

REFUSAL = {"$ref": "#/components/schemas/Refusal"}
GATEWAYS = {"$ref": "#/components/schemas/GatewayAnswer"}


Connect = Callable[[ASGIApp], httpx.Client]


def document_of(home: Home, every_model: Mapping[str, Definition], connect: Connect, *, is_behind_gateway: bool) -> Any:
    submissions = Submissions(home.registry, home.uploads)
    links = LocalUploadLinks(home.uploads)
    control = Control(
        every_model,
        home.registry,
        submissions,
        links,
        local_batching(home.registry, home.uploads),
        is_behind_gateway=is_behind_gateway,
    )
    return connect(create_application(fastapi_app(control_routers(control)))).get("/openapi.json").json()


@pytest.fixture(scope="module")
def every_model(root: Path) -> Mapping[str, Definition]:
    """Every model of the project: all tasks and both protocols."""
    return load_definitions(root / "models")


@pytest.fixture(scope="module")
def document(trained_home: Home, every_model: Mapping[str, Definition], connect: Connect) -> Any:
    return document_of(trained_home, every_model, connect, is_behind_gateway=True)


@pytest.fixture(scope="module")
def operations(document: Any) -> dict[tuple[str, str], Any]:
    return {
        (method.upper(), path): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def test_it_is_valid_openapi(document: Any) -> None:
    validate(document)
    (scheme,) = document["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert document["components"]["schemas"]["GatewayAnswer"] == GATEWAY_ANSWER


def test_each_operation_needs_a_token_of_the_scope_of_its_route(
    operations: dict[tuple[str, str], Any], every_model: Mapping[str, Definition]
) -> None:
    expected = {
        (route.method, path): None if route.scope == "public" else [{"token": [route.scope]}]
        for route in ROUTES
        for path in (route.path, *(route.path_of(one) for one in every_model.values()))
        if path is not None
    }
    assert {name: operation.get("security") for name, operation in operations.items()} == {
        name: expected[name] for name in operations
    }
    needed = {str(operation.get("security")) for operation in operations.values()}
    assert len(needed) == 5  # none, predict, train, batch, admin


def test_the_answers_of_the_gateway_are_declared(operations: dict[tuple[str, str], Any]) -> None:
    for (method, path), operation in operations.items():
        own = {"429"} | ({"401", "403"} if "security" in operation else set())
        if "requestBody" in operation:
            own.add("413")
        for status in ("401", "403", "429"):
            assert (status in operation["responses"]) is (status in own), (method, path, status)
        for status in own - {"413"}:
            content = operation["responses"][status]["content"]["application/json"]
            assert content["schema"] == GATEWAYS


def test_what_the_application_and_the_gateway_answer_is_either(operations: dict[tuple[str, str], Any]) -> None:
    large = operations["POST", "/models/churn/predict"]["responses"]["413"]
    assert large["content"]["application/json"]["schema"] == {"anyOf": [REFUSAL, GATEWAYS]}


def test_it_holds_no_example_of_a_model(operations: dict[tuple[str, str], Any]) -> None:
    bodies = [one["requestBody"]["content"] for one in operations.values() if "requestBody" in one]
    assert len(bodies) > 4
    assert all("example" not in media for content in bodies for media in content.values())


def test_the_scope_is_in_the_words_of_403(operations: dict[tuple[str, str], Any]) -> None:
    assert "scope train" in operations["POST", "/models/churn/retrain"]["responses"]["403"]["description"]


def test_without_a_gateway_nothing_of_it_is_claimed(
    trained_home: Home, every_model: Mapping[str, Definition], connect: Connect, document: Any
) -> None:
    plain = document_of(trained_home, every_model, connect, is_behind_gateway=False)
    assert plain["security"] == []
    assert "securitySchemes" not in plain["components"]
    for item in plain["paths"].values():
        for operation in item.values():
            assert "security" not in operation
            assert operation["responses"].keys().isdisjoint({"401", "403", "429"})
    assert behind_gateway(plain) == document
