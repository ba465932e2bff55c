"""The header that keeps browsers from guessing what an answer is."""

from __future__ import annotations

import httpx
import pytest


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("HEAD", "/models", 200),
        ("GET", "/docs", 200),
        ("GET", "/docs/favicon.png", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/nothing", 404),
        ("DELETE", "/models", 405),
        ("POST", "/models/churn/predict", 422),
    ],
)
def test_every_answer_is_only_what_its_type_says(reading: httpx.Client, method: str, path: str, status: int) -> None:
    answer = reading.request(method, path)
    assert answer.status_code == status
    assert answer.headers.get_list("x-content-type-options") == ["nosniff"]
