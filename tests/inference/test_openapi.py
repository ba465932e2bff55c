"""Parts of the OpenAPI document: bodies, answers and refusals."""

from __future__ import annotations

from typing import Any

import pytest

from functions.inference.openapi import (
    CHANGED,
    FOUND,
    LISTED,
    READ,
    REFUSAL_REASONS,
    json_answer,
    json_body,
    refused_answers,
)

SCHEMA = {"type": "object"}


@pytest.mark.parametrize(("example", "expected"), [(None, {}), ({"a": 1}, {"example": {"a": 1}})])
def test_a_body_has_an_example_only_if_there_is_one(example: dict[str, Any] | None, expected: dict[str, Any]) -> None:
    assert json_body(SCHEMA, example) == {
        "required": True,
        "content": {"application/json": {"schema": SCHEMA, **expected}},
    }


def test_an_answer_has_a_description_and_a_schema() -> None:
    assert json_answer("a number", SCHEMA) == {
        "description": "a number",
        "content": {"application/json": {"schema": SCHEMA}},
    }


def test_a_refusal_says_why_and_503_when_to_try_again() -> None:
    refused = refused_answers((404, 503), SCHEMA)
    assert {status: answer["description"] for status, answer in refused.items()} == {
        "404": REFUSAL_REASONS[404],
        "503": REFUSAL_REASONS[503],
    }
    assert refused["503"]["headers"]["Retry-After"]["schema"] == {"type": "integer", "minimum": 1}
    assert "headers" not in refused["404"]


@pytest.mark.parametrize("statuses", [FOUND, LISTED, READ, CHANGED])
def test_every_status_that_routes_declare_has_its_reason(statuses: tuple[int, ...]) -> None:
    assert set(statuses) <= REFUSAL_REASONS.keys()
    assert refused_answers(statuses, SCHEMA).keys() == {str(status) for status in statuses}
