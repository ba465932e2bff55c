"""The frame of a request of the Hugging Face Inference API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.core.errors import MAX_FAULTS, InvalidInputError
from functions.inference.protocols.hugging_face.body import Body, RequestOptions, parse_body


def parsed(document: Any, headers: dict[str, str] | None = None) -> Body:
    return parse_body(json.dumps(document).encode(), headers or {})


def test_what_is_left_out_is_the_default() -> None:
    assert parsed({"inputs": "x"}) == Body("x", {}, RequestOptions(wait_for_model=False, use_cache=True))
    assert parsed({"inputs": "x", "parameters": None, "options": None}) == parsed({"inputs": "x"})


def test_options_come_in_the_body_or_as_headers_and_the_body_wins() -> None:
    headers = {"x-wait-for-model": "true", "x-use-cache": "0"}
    assert parsed({"inputs": 1}, headers).options == RequestOptions(wait_for_model=True, use_cache=False)
    assert parsed({"inputs": 1, "options": {"use_cache": True, "use_gpu": False}}, headers).options.use_cache


@pytest.mark.parametrize(
    ("document", "places"),
    [
        ({}, [("inputs",)]),
        ({"inputs": 1, "parameters": []}, [("parameters",)]),
        ({"input": 1}, [("input",), ("inputs",)]),
        ({"inputs": 1, "options": {"use_cache": "no", "cache": 1}}, [("options", "use_cache"), ("options", "cache")]),
        ([], [()]),
        ("text", [()]),
    ],
)
def test_every_fault_is_reported_with_its_place(document: Any, places: list[tuple[str, ...]]) -> None:
    with pytest.raises(InvalidInputError) as refused:
        parsed(document)
    assert [fault.loc for fault in refused.value.faults] == places


@pytest.mark.parametrize("of", ["body", "options"])
def test_no_more_faults_are_made_of_unknown_keys_than_an_answer_lists(of: str) -> None:
    unknown = dict.fromkeys(map(str, range(2 * MAX_FAULTS)), 1)
    with pytest.raises(InvalidInputError) as refused:
        parsed({"inputs": 1, **unknown} if of == "body" else {"inputs": 1, "options": unknown})
    assert len(refused.value.faults) == MAX_FAULTS


def test_equal_questions_are_equal_in_any_order_of_their_keys() -> None:
    one = parsed({"inputs": {"question": "a", "context": "b"}, "options": {"wait_for_model": True}})
    other = parsed({"inputs": {"context": "b", "question": "a"}})
    assert one.to_json() == other.to_json()
    assert one.to_json() != parsed({"inputs": {"context": "a", "question": "b"}}).to_json()
