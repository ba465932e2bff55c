"""Every operation of the OpenAPI document says what it does, and has an example that works."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import jsonschema  # type: ignore[import-untyped]
import pytest

from functions.inference.control.operation_words import BODIES, describe_parameters

NAMED_LATER = (
    "/models/{model}/jobs/{job}",
    "/models/{model}/batches/{batch}",
    "/models/{model}/predictions/{id}",
)
OF_BATCHES = {("post", "/models/{model}/predictions"), ("put", "/models/{model}/predictions")}
"""What answers only after a batch."""
Operation = tuple[str, str, dict[str, Any]]


@pytest.fixture(scope="module")
def document(reading: httpx.Client) -> Any:
    return reading.get("/openapi.json").json()


def operations(document: Any) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def example_of(parameter: Mapping[str, Any]) -> Any:
    return parameter.get("example", parameter["schema"].get("default"))


def filled(path: str, operation: Mapping[str, Any]) -> str:
    """The path with the examples of its parameters."""
    for parameter in operation.get("parameters", ()):
        path = path.replace(f"{{{parameter['name']}}}", str(parameter.get("example")))
    return path


def test_every_operation_has_a_title_and_a_description(document: Any) -> None:
    lacking = [
        (method, path)
        for method, path, operation in operations(document)
        if not operation.get("description") or len(operation["summary"].split()) < 2
    ]
    assert lacking == []


def test_every_parameter_has_a_description(document: Any) -> None:
    lacking = [
        (method, path, parameter["name"])
        for method, path, operation in operations(document)
        for parameter in operation.get("parameters", ())
        if not parameter.get("description") and not parameter["schema"].get("description")
    ]
    assert lacking == []


def test_every_body_has_an_example_of_its_schema(document: Any) -> None:
    for _method, path, operation in operations(document):
        if "requestBody" in operation:
            content = operation["requestBody"]["content"]["application/json"]
            schema = dict(content["schema"])
            if path.endswith("/retrain"):
                schema = schema["anyOf"][0]["items"]
                [content["example"]] = content["example"]
            jsonschema.Draft202012Validator(schema).validate(content["example"])


def test_what_reads_works_with_its_examples(reading: httpx.Client, document: Any) -> None:
    refused = {}
    for method, path, operation in operations(document):
        if method == "get":
            answer = reading.get(filled(path, operation))
            refused |= {} if answer.status_code == 200 else {path: answer.status_code}
    # jobs and batches have names that nobody can write down before
    assert refused == {path: 404 for path in NAMED_LATER}


def test_what_changes_something_works_with_its_examples(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    for method, path, operation in operations(document):
        if "requestBody" in operation and not path.endswith("/retrain"):
            body = operation["requestBody"]["content"]["application/json"]["example"]
            answer = client.request(method, filled(path, operation), json=body)
            expected = (404,) if (method, path) in OF_BATCHES else (200, 201)
            assert answer.status_code in expected, (path, answer.text)


def test_bodies_are_of_operations_that_there_are(document: Any) -> None:
    assert BODIES.keys() <= {(path, method) for method, path, _ in operations(document)}


def test_an_unknown_parameter_stays_as_it_is() -> None:
    parameter = {"name": "page", "description": "counted from 1"}
    describe_parameters([parameter])
    assert parameter == {"name": "page", "description": "counted from 1"}
