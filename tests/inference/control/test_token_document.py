"""The document of a server that checks tokens itself: a token for each operation that needs one, in our envelope."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from functions.core.definition import Definition
from functions.core.model_folder import load_definitions
from functions.core.routes import route_of
from functions.core.tokens import RecentTokens, TokenRecords
from functions.inference.control.token_document import with_tokens
from functions.local.application import local_application
from functions.local.home import Home
from tests.conftest import BASE_URL, Connect

REFUSAL = {"$ref": "#/components/schemas/Refusal"}


@pytest.fixture(scope="module")
def every_model(root: Path) -> Mapping[str, Definition]:
    """Every model of the project: all tasks and both protocols."""
    return load_definitions(root / "models")


@pytest.fixture(scope="module")
def document(trained_home: Home, every_model: Mapping[str, Definition], connect: Connect) -> Any:
    tokens = RecentTokens(lambda: TokenRecords(()), on_failure=print)
    application = local_application(trained_home, every_model, base_url=BASE_URL, tokens=tokens)
    return connect(application).get("/openapi.json").json()


def test_it_is_valid_openapi_with_a_bearer_scheme(document: Any) -> None:
    validate(document)
    (scheme,) = document["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert "GatewayAnswer" not in document["components"]["schemas"]


def test_each_operation_declares_its_scope_and_what_refuses_it(document: Any) -> None:
    needed = set()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            route = route_of(method.upper(), path)
            assert route is not None
            security = None if route.scope == "public" else [{"token": [route.scope]}]
            assert operation.get("security") == security
            for status in ("401", "403"):
                answer = operation["responses"].get(status)
                assert (answer is None) is (security is None)
                assert answer is None or answer["content"]["application/json"]["schema"] == REFUSAL
            needed.add(route.scope)
    assert needed == {"public", "predict", "train", "batch", "admin"}


def test_no_example_of_a_model_is_public(document: Any) -> None:
    for item in document["paths"].values():
        for operation in item.values():
            assert all("example" not in one for one in operation.get("requestBody", {}).get("content", {}).values())


def test_it_is_the_document_of_a_laptop_with_additions_only(
    trained_home: Home, every_model: Mapping[str, Definition], connect: Connect, document: Any
) -> None:
    plain = connect(local_application(trained_home, every_model, base_url=BASE_URL)).get("/openapi.json").json()
    assert with_tokens(plain) == document
