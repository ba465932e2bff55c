"""Bodies that are too large, not JSON, or nonsense: refused with a reason, never a server error."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest
from starlette.types import ASGIApp

from functions.core.definition import Definition, Limits
from functions.local.application import local_application
from functions.local.home import Home

PREDICT = "/models/churn/predict"
JSON = {"Content-Type": "application/json"}
LIMIT = 1500

NASTY = [
    b"",
    b" ",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    b"null",
    b"true",
    b"12",
    b"1e999",
    b'"text"',
    b"[",
    b"{",
    b"{]",
    b"[1,]",
    b"[[]]",
    b"[[[1]]]",
    b"[null]",
    b"[{}, null, 3]",
    b"{}",
    b'{"a": }',
    b'{"a": 1}{"a": 1}',
    b"{'gender': 'male'}",
    b'{"": ""}',
    b'{"gender": NaN}',
    b'{"tenure": Infinity}',
    b'{"tenure": -Infinity}',
    b'{"tenure": 1e999}',
    b'{"tenure": 99999999999999999999999999}',
    b'{"tenure": ' + b"9" * 5000 + b"}",
    b'{"gender": "\\ud800"}',
    b'{"\\ud800": 1}',
    b'{"gender": "\\u0000"}',
    b'{"instances": null}',
    b'{"instances": {}}',
    b'{"instances": "[]"}',
    b'{"instances": []}',
    b'{"instances": [[]]}',
    b'{"instances": [{"instances": []}]}',
    b'{"instances": [{}], "other": 1}',
    b'{"version": -1}',
    b'{"version": "1"}',
    b'{"version": 1.5}',
    b'{"version": 1e30}',
    b'{"version": ' + b"9" * 400 + b"}",
    b'{"version": 1, "pin": "yes"}',
    b'{"file_name": "../../etc/passwd"}',
    b'{"file_name": null}',
    b"[" * 100_000,
    b"[" * 900 + b"]" * 900,
    b'{"a":' * 900 + b"1" + b"}" * 900,
    b"--boundary\r\n\r\n--boundary--",
    b"gender=male&tenure=1",
]
WRITERS = [
    ("POST", PREDICT),
    ("POST", "/models/car-price/predict"),
    ("POST", "/models/churn/retrain"),
    ("POST", "/models/churn/uploads"),
    ("PUT", "/models/churn/production"),
]


@pytest.fixture
def narrow(
    trained_home: Home, definitions: Mapping[str, Definition], connect: Callable[[ASGIApp], httpx.Client]
) -> httpx.Client:
    """The application with a payload limit of 1500 bytes."""
    limits = Limits(max_payload_bytes=LIMIT)
    small = {name: replace(definition, limits=limits) for name, definition in definitions.items()}
    return connect(local_application(trained_home, small, base_url="http://localhost"))


@pytest.fixture
def body(definitions: Mapping[str, Definition]) -> bytes:
    return orjson.dumps(dict(definitions["churn"].examples[0]))


def error_of(answer: httpx.Response, status: int) -> Any:
    assert answer.status_code == status, answer.text
    (error,) = answer.json()["errors"]
    return error


@pytest.mark.parametrize(("method", "path"), WRITERS)
def test_nonsense_is_refused_and_never_a_server_error(client: httpx.Client, method: str, path: str) -> None:
    upload = path.endswith("/uploads")
    for nasty in NASTY:
        answer = client.request(method, path, content=nasty, headers=JSON)
        # an upload request may have no body, or an object without a file name
        expected = {201, 400, 422} if upload else {400, 404, 422} if method == "PUT" else {422}
        assert answer.status_code in expected, (nasty[:60], answer.status_code, answer.text)
        if answer.status_code != 201:
            assert answer.json()["errors"], nasty[:60]
    assert client.get("/models/churn").json()["data"]["version"] == 1


@pytest.mark.parametrize("path", [PREDICT, "/models/churn/retrain"])
def test_a_body_at_the_limit_is_read_and_one_byte_more_is_not(narrow: httpx.Client, path: str) -> None:
    assert narrow.post(path, content=b" " * LIMIT, headers=JSON).status_code == 422
    error = error_of(narrow.post(path, content=b" " * (LIMIT + 1), headers=JSON), 413)
    assert error["type"] == "too_large"
    assert str(LIMIT) in error["msg"]


def test_an_announced_length_over_the_limit_is_refused_without_reading(narrow: httpx.Client) -> None:
    read: list[bytes] = []

    def parts() -> Iterator[bytes]:
        read.append(b"x")
        yield b"x"

    headers = {**JSON, "Content-Length": str(LIMIT + 1)}
    error_of(narrow.post(PREDICT, content=parts(), headers=headers), 413)
    assert read == []


def test_a_body_of_unknown_length_is_read_no_further_than_the_limit(narrow: httpx.Client) -> None:
    read: list[int] = []

    def parts() -> Iterator[bytes]:
        for number in range(1000):
            read.append(number)
            yield b" " * 500

    error_of(narrow.post(PREDICT, content=parts(), headers=JSON), 413)
    assert len(read) <= LIMIT // 500 + 2


def test_a_body_in_parts_is_put_together(reading: httpx.Client, body: bytes) -> None:
    parts = (body[start : start + 7] for start in range(0, len(body), 7))
    assert reading.post(PREDICT, content=parts, headers=JSON).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        'application/json; charset="UTF-8"',
        "application/json; charset=utf-8; profile=x",
        "application/json;odata=verbose",
        "application/vnd.api+json",
    ],
)
def test_json_under_any_of_its_names_is_accepted(reading: httpx.Client, body: bytes, content_type: str) -> None:
    answer = reading.post(PREDICT, content=body, headers={"Content-Type": content_type})
    assert answer.status_code == 200, answer.text


def test_a_body_without_a_content_type_is_taken_as_json(reading: httpx.Client, body: bytes) -> None:
    assert reading.post(PREDICT, content=body).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "text/csv",
        "application/xml",
        "application/json; charset=latin-1",
        "application/json; Charset=UTF-16",
    ],
)
@pytest.mark.parametrize("path", [PREDICT, "/models/churn/retrain"])
def test_anything_else_is_an_unsupported_media_type(
    reading: httpx.Client, body: bytes, path: str, content_type: str
) -> None:
    error = error_of(reading.post(path, content=body, headers={"Content-Type": content_type}), 415)
    assert error["type"] == "unsupported_media_type"
    assert "JSON" in error["msg"]


def test_broken_json_is_told_where_it_breaks(reading: httpx.Client) -> None:
    error = error_of(reading.post(PREDICT, content=b'{"gender": }', headers=JSON), 422)
    assert error["type"] == "json_invalid"
    assert error["loc"] == ["body", 11]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_no_json_are_refused(reading: httpx.Client, body: bytes, number: str) -> None:
    text = json.dumps({**orjson.loads(body), "monthlycharges": None}).replace("null", number)
    assert error_of(reading.post(PREDICT, content=text, headers=JSON), 422)["type"] == "json_invalid"


@pytest.mark.parametrize("payload", ["5", '"text"', "null", "true"])
def test_what_is_neither_object_nor_array_is_told_the_three_forms(reading: httpx.Client, payload: str) -> None:
    error = error_of(reading.post(PREDICT, content=payload, headers=JSON), 422)
    assert (error["loc"], error["type"]) == (["body"], "instances_type")
    assert '{"instances": [...]}' in error["msg"]


def test_every_field_beside_instances_is_refused(reading: httpx.Client, body: bytes) -> None:
    payload = {"instances": [orjson.loads(body)], "parameters": {}, "inputs": 1}
    errors = reading.post(PREDICT, json=payload).json()["errors"]
    assert [(error["loc"], error["type"]) for error in errors] == [
        (["body", "inputs"], "extra_forbidden"),
        (["body", "parameters"], "extra_forbidden"),
    ]
