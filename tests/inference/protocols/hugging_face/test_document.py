"""Requests and answers are as the OpenAPI document says."""

from __future__ import annotations

from typing import Any

import httpx
import jsonschema  # type: ignore[import-untyped]
import pytest
from openapi_spec_validator import validate

PATH = "/models/project-tags"
ONE = "Redes convolucionales para imágenes."


@pytest.fixture(scope="module")
def operation(texts: httpx.Client) -> Any:
    document = texts.get("/openapi.json").json()
    validate(document)
    return document["paths"][PATH]["post"]


@pytest.mark.parametrize("body", [{"inputs": ONE}, {"inputs": [ONE, ONE], "parameters": {"top_k": 2}, "options": None}])
def test_requests_and_answers_are_as_described(texts: httpx.Client, operation: Any, body: Any) -> None:
    jsonschema.validate(body, operation["requestBody"]["content"]["application/json"]["schema"])
    answer = texts.post(PATH, json=body)
    assert answer.status_code == 200
    jsonschema.validate(answer.json(), operation["responses"]["200"]["content"]["application/json"]["schema"])
    assert answer.headers.keys() >= {name.lower() for name in operation["responses"]["200"]["headers"]}


def test_errors_are_as_described(texts: httpx.Client, operation: Any) -> None:
    for body, status in (({"inputs": ""}, 422), ({"inputs": "x" * 6_100_000}, 413)):
        answer = texts.post(PATH, json=body)
        assert answer.status_code == status
        schema = operation["responses"][str(status)]["content"]["application/json"]["schema"]
        jsonschema.validate(answer.json(), schema)


def test_nothing_nested_deeply_breaks_it(texts: httpx.Client) -> None:
    deep: Any = "x"
    for _ in range(900):
        deep = {"x": deep}
    answer = texts.post(PATH, json={"inputs": deep})
    assert (answer.status_code, answer.json()) == (422, {"error": "inputs: nested too deeply"})
