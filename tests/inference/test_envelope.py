"""The envelope is the same for every answer, and compact."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.requests import Request

from functions.inference.envelope import answer

ANSWERS = [
    ("GET", "/", 200, "OK"),
    ("GET", "/models/churn", 200, "OK"),
    ("GET", "/models/churn/jobs?page=2", 200, "OK"),
    ("GET", "/models/boats", 404, "Not Found"),
    ("GET", "/nowhere", 404, "Not Found"),
    ("DELETE", "/models", 405, "Method Not Allowed"),
    ("POST", "/models/churn/predict", 422, "Unprocessable Entity"),
    ("GET", "/models/churn/jobs?page=0", 422, "Unprocessable Entity"),
]


@pytest.mark.parametrize(("method", "path", "status", "phrase"), ANSWERS)
def test_every_answer_is_in_the_envelope(
    reading: httpx.Client, method: str, path: str, status: int, phrase: str
) -> None:
    answer = reading.request(method, path)
    document = answer.json()
    content = "data" if status == 200 else "errors"
    assert list(document) == ["message", "method", "status-code", "timestamp", "url", content]
    assert (answer.status_code, document["status-code"], document["message"]) == (status, status, phrase)
    assert document["method"] == method
    assert document["url"] == f"http://localhost{path}"
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(("method", "path", "status", "phrase"), ANSWERS)
def test_errors_are_a_list_of_loc_msg_and_type(
    reading: httpx.Client, method: str, path: str, status: int, phrase: str
) -> None:
    errors = reading.request(method, path).json().get("errors", [])
    assert bool(errors) == (status != 200)
    for error in errors:
        assert error.keys() == {"loc", "msg", "type"}
        assert isinstance(error["loc"], list)
        assert error["msg"]
        assert error["type"]


@pytest.mark.parametrize("path", ["/models", "/models/car-price", "/models/churn/performance", "/nowhere"])
def test_json_is_compact_utf8_without_nan(reading: httpx.Client, path: str) -> None:
    text = reading.get(path).content.decode("utf-8")
    document = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert text == json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def test_an_answer_can_be_cut_apart_by_string_search(reading: httpx.Client) -> None:
    text = reading.get("/models/churn/args/solver").text
    start = text.index('"solver":"') + len('"solver":"')
    assert text[start : text.index('"', start)] == "liblinear"


def test_the_timestamp_is_the_present_in_utc(reading: httpx.Client) -> None:
    before = datetime.now(UTC)
    stamp = reading.get("/").json()["timestamp"]
    assert stamp.endswith("Z")
    assert before <= datetime.fromisoformat(stamp) <= datetime.now(UTC) + timedelta(milliseconds=1)


@pytest.mark.parametrize(
    "path",
    [
        "/models/",
        "/models/churn//",
        "/models/churn/jobs/?page=1&page=2",
        "/models/ch%75rn",
        "/models/a%2Fb",
        "/models/%C3%B1?x=%FF",
        "/models/..%2f..%5c",
        "/nowhere?",
        "/%00?filter=%0a",
        "/" + "a" * 20_000,
    ],
)
def test_the_url_is_the_one_that_was_asked_for(reading: httpx.Client, path: str) -> None:
    answer = reading.get(path)
    assert answer.json()["url"] == f"http://localhost{path.rstrip('?')}"
    assert answer.status_code in (200, 404)


SCOPE = {"type": "http", "scheme": "http", "method": "POST", "path": "/a", "query_string": b""}


class _Written:
    def to_json(self) -> bytes:
        return b'[{"label":"yes","score":0.75}]'


def test_what_writes_itself_is_in_the_envelope_as_it_wrote_it() -> None:
    request = Request({**SCOPE, "headers": []})
    found = json.loads(answer(request, {"predictions": _Written(), "version": 3}).body)
    assert found["data"] == {"predictions": [{"label": "yes", "score": 0.75}], "version": 3}
    with pytest.raises(TypeError):
        answer(request, {"predictions": object()})
