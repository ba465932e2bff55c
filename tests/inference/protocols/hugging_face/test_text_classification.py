"""A text model answers as the Hugging Face Inference API does."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

PATH = "/models/project-tags"
ONE = "Transfer learning with transformers for text classification."
OTHER = "Redes convolucionales para la detección de tomates en imágenes."


def test_labels_come_bare_and_by_score(texts: httpx.Client) -> None:
    answer = texts.post(PATH, json={"inputs": ONE})
    assert answer.status_code == 200
    assert answer.headers["x-model-version"] == "1"
    (found,) = answer.json()
    assert found[0]["label"] == "natural-language-processing"
    scores = [one["score"] for one in found]
    assert scores == sorted(scores, reverse=True)
    predicted = texts.post(f"{PATH}/predict", json={"text": ONE}).json()["data"]["predictions"][0]
    assert {one["label"]: one["score"] for one in found} == predicted["scores"]


def test_several_texts_keep_their_order(texts: httpx.Client) -> None:
    found = texts.post(PATH, json={"inputs": [ONE, OTHER, ONE], "parameters": {"top_k": 1}}).json()
    labels = [one["label"] for (one,) in found]
    assert labels == ["natural-language-processing", "computer-vision", "natural-language-processing"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"inputs": ""}, "inputs: must not be empty"),
        ({"inputs": [ONE, 5]}, "inputs.1: "),
        ({"inputs": {"text": ONE}}, "inputs: "),
        ({"inputs": []}, "inputs: send at least one instance"),
        ({"inputs": ONE, "parameters": {"top_k": 0}}, "parameters.top_k: a whole number from 1 is expected"),
        ({"inputs": ONE, "parameters": {"top_k": True}}, "parameters.top_k: a whole number from 1 is expected"),
        ({"inputs": ONE, "parameters": {"candidate_labels": []}}, "parameters.candidate_labels: unknown; known: top_k"),
        ({"inputs": ONE, "parameters": {"function_to_apply": "none"}}, "parameters.function_to_apply: the scores are"),
        ({"text": ONE}, "text: unknown; known: inputs, parameters, options; inputs: missing"),
    ],
)
def test_errors_are_bare_and_say_where(texts: httpx.Client, body: Any, error: str) -> None:
    answer = texts.post(PATH, json=body)
    assert answer.status_code == 422
    assert answer.json().keys() == {"error"}
    assert error in answer.json()["error"]


def test_errors_of_the_frame_are_bare_too(texts: httpx.Client) -> None:
    assert texts.post(PATH, content=b"{").json().keys() == {"error"}
    refused = texts.post(PATH, content=b"{}", headers={"content-type": "text/plain"})
    assert (refused.status_code, refused.json().keys()) == (415, {"error"})
    large = texts.post(PATH, json={"inputs": "x" * 6_100_000})
    assert (large.status_code, large.json().keys()) == (413, {"error"})


def test_more_texts_than_the_limit_are_too_large(texts: httpx.Client) -> None:
    answer = texts.post(PATH, json={"inputs": ["a"] * 10_001})
    assert answer.status_code == 413
    assert answer.json() == {"error": "10001 instances are more than 10000: send them in parts"}


def test_an_equal_request_is_answered_from_the_cache_unless_told_otherwise(texts: httpx.Client) -> None:
    body: dict[str, Any] = {"inputs": "Un texto que nadie más pregunta."}
    first, second = (texts.post(PATH, json=body) for _ in range(2))
    assert [one.headers["x-compute-type"] for one in (first, second)] == ["cpu", "cache"]
    assert first.content == second.content
    assert texts.post(PATH, json={**body, "options": {"use_cache": False}}).headers["x-compute-type"] == "cpu"
    assert texts.post(PATH, json=body, headers={"X-Use-Cache": "0"}).headers["x-compute-type"] == "cpu"


def test_a_table_is_not_asked_so(reading: httpx.Client) -> None:
    assert reading.post("/models/churn", json={"inputs": "x"}).status_code == 405
