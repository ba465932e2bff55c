"""Differences: each one is found, with its path."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tools.replay.answers import Answer
from tools.replay.differences import ABSENT, Difference, differences
from tools.replay.report import report
from tools.replay.requests import Request

REQUEST = Request("one", "kind", target="/models")


def found(before: Any, after: Any, request: Request = REQUEST) -> list[tuple[str, str, str]]:
    answers = (Answer(200, {}, json.dumps(one)) for one in (before, after))
    return [(one.path, one.before, one.after) for one in differences(request, *answers)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": [1, {"b": "x"}]}, {"a": [1, {"b": "x"}]}, []),
        ({"a": [1, {"b": "x"}]}, {"a": [1, {"b": "y"}]}, [("body.a.1.b", '"x"', '"y"')]),
        ({"a": 1}, {"a": 1.0}, [("body.a", "1", "1.0")]),
        ({"a": 1}, {"a": True}, [("body.a", "1", "true")]),
        ({"a": 0.1}, {"a": 0.1 + 1e-15}, [("body.a", "0.1", "0.100000000000001")]),
        ({"a": [1, 2]}, {"a": [1]}, [("body.a.1", "2", ABSENT)]),
        ({}, {"a": None}, [("body.a", ABSENT, "null")]),
        ([], {}, [("body", "[]", "{}")]),
    ],
)
def test_differences_of_documents(before: Any, after: Any, expected: list[tuple[str, str, str]]) -> None:
    assert found(before, after) == expected


def test_another_order_of_keys_is_a_difference_except_in_a_document() -> None:
    before, after = {"a": 1, "b": 2}, {"b": 2, "a": 1}
    assert [path for path, *_ in found(before, after)] == ["body (spelling)"]
    assert found(before, after, Request("one", "kind", is_document=True)) == []


def test_status_headers_and_texts_are_compared() -> None:
    before, after = Answer(200, {"allow": "GET", "x": "1"}, "some text"), Answer(404, {"allow": "PUT"}, "some test")
    paths = {one.path: (one.before, one.after) for one in differences(REQUEST, before, after)}
    assert paths == {
        "status": ("200", "404"),
        "headers.allow": ('"GET"', '"PUT"'),
        "headers.x": ('"1"', ABSENT),
        "body": ("some text", "some test"),
    }


def test_a_length_is_a_difference_of_its_own_only_where_the_bodies_are_equal() -> None:
    short, long = {"content-length": "1"}, {"content-length": "2"}
    head = differences(REQUEST, Answer(200, short), Answer(200, long))
    assert [one.path for one in head] == ["headers.content-length"]
    assert [one.path for one in differences(REQUEST, Answer(200, short, "a"), Answer(200, long, "ab"))] == ["body"]


def test_a_report_names_the_request_once_and_both_values() -> None:
    text = report([REQUEST], [Difference("one", "status", "200", "404"), Difference("one", "body.a", "1", "2")])
    assert text.split("\n") == [
        "",
        "one   [laptop] GET /models",
        "  status",
        "  - 200",
        "  + 404",
        "  body.a",
        "  - 1",
        "  + 2",
    ]
