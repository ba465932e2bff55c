"""Bodies that are too large, not JSON, or nonsense: refused with a reason, never a server error."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest
from starlette.requests import Request
from starlette.types import ASGIApp, Message

from functions.core.definition import Definition, Limits
from functions.core.errors import MAX_FAULTS, UnsupportedMediaTypeError
from functions.core.validator import Validator
from functions.inference.control.options import OPTIONS_MAX_BYTES
from functions.inference.json_body import read_json_bytes
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
    b'{"a":' * 100_000,
    b'{"gender":' + b"[" * 100_000,
    b'{"customerid":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"instances":' + b"[" * 100_000,
    b"[" * 1000 + b"]" * 1000,
    b'{"a":1,"a":2,"b":' + b"[" * 1000 + b"]" * 1000 + b"}",
    b"1" * 100_000,
    b'{"monthlycharges": ' + b"9" * 100_000 + b"}",
    b'{"monthlycharges": 0.' + b"0" * 100_000 + b"1}",
    b'{"customerid": ' + b"9" * 40 + b"}",
    b"{" + b",".join(b'"%d":1' % number for number in range(150_000)) + b',"7":1}',
    b"[" + b",".join([b'{"a":1,"a":2}'] * 20_000) + b"]",
    b'{"version": -0}',
    b'{"version": 1e308}',
    b'{"version": 9007199254740993}',
    b'{"version": 1, "version": 1}',
    b'{"file_name": "a.csv", "file_name": "b.csv"}',
    b'{"\\u0000": 1, "\xf0\x9f\x9a\x97": 2, "a\\nb": 3}',
    b'{"' + b"k" * 4_600_000 + b'": 1}',
    b'{"gender": "' + b"v" * 4_600_000 + b'"}',
    b"{" + b",".join(b'"unknown %d": %d' % (number, number) for number in range(20_000)) + b"}",
    b'{"instances": [], ' + b",".join(b'"unknown %d": 1' % number for number in range(20_000)) + b"}",
    " {}".encode("utf-16"),
    '{"gender": "ñ"}'.encode("latin-1"),
    b'{"gender": "\\ud800x"}',
    b'{"gender": "\\udc00\\ud800"}',
    b'{"gender": "\xed\xa0\x80"}',
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
        # an upload request may have no body
        expected = {201, 413, 422} if upload else {413, 422} if method == "PUT" else {422}
        assert answer.status_code in expected, (nasty[:60], answer.status_code, answer.text)
        if answer.status_code != 201:
            assert 0 < len(answer.json()["errors"]) <= MAX_FAULTS, nasty[:60]
            assert len(answer.content) < 300_000, nasty[:60]
    assert client.get("/models/churn").json()["data"]["version"] == 1


@pytest.mark.parametrize("path", [PREDICT, "/models/churn/retrain"])
def test_a_body_at_the_limit_is_read_and_one_byte_more_is_not(narrow: httpx.Client, path: str) -> None:
    assert narrow.post(path, content=b" " * LIMIT, headers=JSON).status_code == 422
    error = error_of(narrow.post(path, content=b" " * (LIMIT + 1), headers=JSON), 413)
    assert error["type"] == "too_large"
    assert str(LIMIT) in error["msg"]


@pytest.mark.parametrize(("method", "path"), [WRITERS[3], WRITERS[4]])
def test_a_body_without_rows_has_a_limit_of_its_own(reading: httpx.Client, method: str, path: str) -> None:
    at_limit = reading.request(method, path, content=b"[" + b" " * (OPTIONS_MAX_BYTES - 1), headers=JSON)
    assert at_limit.status_code == 422
    error = error_of(reading.request(method, path, content=b" " * (OPTIONS_MAX_BYTES + 1), headers=JSON), 413)
    assert str(OPTIONS_MAX_BYTES) in error["msg"]


@pytest.mark.parametrize("announced", [str(LIMIT + 1), "9" * 5000, "000" + "9" * 17])
def test_an_announced_length_over_the_limit_is_refused_without_reading(narrow: httpx.Client, announced: str) -> None:
    read: list[bytes] = []

    def parts() -> Iterator[bytes]:
        read.append(b"x")
        yield b"x"

    headers = {**JSON, "Content-Length": announced}
    error_of(narrow.post(PREDICT, content=parts(), headers=headers), 413)
    assert read == []


@pytest.mark.parametrize("announced", ["-1", "x", "", "0", "²"])
def test_an_announced_length_that_is_a_lie_changes_nothing(narrow: httpx.Client, body: bytes, announced: str) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", announced.encode("latin-1"))]
    assert narrow.post(PREDICT, content=iter([body]), headers=headers).status_code == 200
    error_of(narrow.post(PREDICT, content=iter([b" " * (LIMIT + 1)]), headers=headers), 413)


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
@pytest.mark.parametrize(("method", "path"), WRITERS)
def test_anything_else_is_an_unsupported_media_type(
    reading: httpx.Client, body: bytes, method: str, path: str, content_type: str
) -> None:
    error = error_of(reading.request(method, path, content=body, headers={"Content-Type": content_type}), 415)
    assert error["type"] == "unsupported_media_type"
    assert "JSON" in error["msg"]


def test_who_sends_a_file_as_a_body_reads_where_files_go(reading: httpx.Client) -> None:
    answer = reading.post("/models/churn/retrain", content=b"a;b\n1;2\n", headers={"Content-Type": "text/csv"})
    assert error_of(answer, 415)["msg"].endswith(
        "POST .../uploads gives a form for a file to train on, POST .../batches one for a file to predict"
    )


@pytest.mark.parametrize("encoding", ["gzip", "br", "GZIP", "deflate, gzip", "x"])
@pytest.mark.parametrize(("method", "path"), WRITERS)
def test_a_compressed_body_is_an_unsupported_media_type(
    reading: httpx.Client, body: bytes, method: str, path: str, encoding: str
) -> None:
    headers = {**JSON, "Content-Encoding": encoding}
    error = error_of(reading.request(method, path, content=gzip.compress(body), headers=headers), 415)
    assert "not compressed" in error["msg"]


@pytest.mark.parametrize("encoding", ["", "identity", " Identity "])
def test_a_body_that_says_it_is_not_compressed_is_read(reading: httpx.Client, body: bytes, encoding: str) -> None:
    assert reading.post(PREDICT, content=body, headers={**JSON, "Content-Encoding": encoding}).status_code == 200


def test_broken_json_is_refused_with_the_place_where_it_breaks(reading: httpx.Client) -> None:
    error = error_of(reading.post(PREDICT, content=b'{"gender": }', headers=JSON), 422)
    assert error["type"] == "json_invalid"
    assert error["loc"] == ["body", 11]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_no_json_are_refused(reading: httpx.Client, body: bytes, number: str) -> None:
    text = json.dumps({**orjson.loads(body), "monthlycharges": None}).replace("null", number)
    assert error_of(reading.post(PREDICT, content=text, headers=JSON), 422)["type"] == "json_invalid"


@pytest.mark.parametrize("payload", ["5", '"text"', "null", "true"])
def test_what_is_neither_object_nor_array_is_refused_with_the_three_forms(reading: httpx.Client, payload: str) -> None:
    error = error_of(reading.post(PREDICT, content=payload, headers=JSON), 422)
    assert (error["loc"], error["type"]) == (["body"], "instances_type")
    assert '{"instances": [...]}' in error["msg"]


def test_every_field_next_to_instances_is_refused(reading: httpx.Client, body: bytes) -> None:
    payload = {"instances": [orjson.loads(body)], "parameters": {}, "inputs": 1}
    errors = reading.post(PREDICT, json=payload).json()["errors"]
    assert [(error["loc"], error["type"]) for error in errors] == [
        (["body", "inputs"], "extra_forbidden"),
        (["body", "parameters"], "extra_forbidden"),
    ]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ('{{"tenure": 1, {one}}}', [["tenure"]]),
        ('[{{{one}}}, {{{one}, "tenure": 1, "gender": "male"}}]', [[1, "gender"], [1, "tenure"]]),
        ('{{"instances": [{{{one}, "tenure": 1}}]}}', [["instances", 0, "tenure"]]),
        ('{{"instances": [], "instances": [{{{one}}}]}}', [["instances"]]),
        ('{{{one}, "unknown": {{"a": 1, "a:": 2, "a": 3}}}}', [["unknown", "a"]]),
    ],
)
@pytest.mark.parametrize("path", [PREDICT, "/models/churn/retrain"])
def test_a_repeated_key_is_refused_with_its_place(
    reading: httpx.Client, body: bytes, path: str, text: str, places: list[list[str | int]]
) -> None:
    content = text.format(one=body.decode()[1:-1])
    errors = reading.post(path, content=content, headers=JSON).json()["errors"]
    assert [one["type"] for one in errors] == ["repeated_key"] * len(places)
    assert sorted(map(str, (one["loc"] for one in errors))) == sorted(str(["body", *place]) for place in places)
    assert repr(places[0][-1]) in str([one["msg"] for one in errors])


@pytest.mark.parametrize("text", ["a: b", '"a": 1, "a": 2', "::", "\\u003a"])
def test_a_colon_in_a_value_is_no_key(reading: httpx.Client, body: bytes, text: str) -> None:
    row = {**orjson.loads(body), "customerid": text}
    assert reading.post(PREDICT, json=[row, row]).json()["data"]["ids"] == [text, text]


@pytest.mark.parametrize("number", [2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**30, -(10**38)])
def test_an_id_that_no_client_could_read_back_is_refused_with_its_place(
    reading: httpx.Client, body: bytes, number: int
) -> None:
    row = {**orjson.loads(body), "customerid": number}
    errors = reading.post(PREDICT, content=json.dumps([row]), headers=JSON).json()["errors"]
    assert [(one["loc"], one["type"]) for one in errors] == [(["body", 0, "customerid"], "id_type")]


@pytest.mark.parametrize("number", [2**53, -(2**53)])
def test_the_greatest_id_is_echoed(reading: httpx.Client, body: bytes, number: int) -> None:
    row = {**orjson.loads(body), "customerid": number}
    assert reading.post(PREDICT, content=json.dumps(row), headers=JSON).json()["data"]["ids"] == [number]


@pytest.mark.parametrize("charges", ["1e308", "-1e308", "1.7976931348623157e308", "5e-324"])
def test_the_largest_numbers_are_predicted_with_or_refused(reading: httpx.Client, body: bytes, charges: str) -> None:
    text = json.dumps({**orjson.loads(body), "totalcharges": 0.5}).replace("0.5", charges)
    answer = reading.post(PREDICT, content=text, headers=JSON)
    assert answer.status_code in (200, 422), answer.text


def test_ten_megabytes_of_spaces_are_too_large(reading: httpx.Client) -> None:
    error_of(reading.post(PREDICT, content=b" " * 10_000_000, headers=JSON), 413)


@pytest.mark.parametrize("row", [b"{}", b"null", b'{"text":"a"}'])
def test_a_hundred_thousand_instances_are_refused_without_a_look_at_them(
    reading: httpx.Client, row: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        pytest.fail("the instances were validated")

    monkeypatch.setattr(Validator, "table", never)
    content = b"[" + b",".join([row] * 100_000) + b"]"
    assert "100000 instances" in error_of(reading.post(PREDICT, content=content, headers=JSON), 413)["msg"]


def test_a_refused_body_is_parsed_once(reading: httpx.Client, body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[bytes] = []
    loads = orjson.loads

    def counted(text: bytes) -> Any:
        parsed.append(text)
        return loads(text)

    bad = json.dumps([{**orjson.loads(body), "tenure": -1}])
    with monkeypatch.context() as patched:
        patched.setattr(orjson, "loads", counted)
        answer = reading.post(PREDICT, content=bad, headers=JSON)
    assert answer.status_code == 422
    assert parsed.count(bad.encode()) == 1


def test_a_long_name_is_cut_in_the_answer(reading: httpx.Client, body: bytes) -> None:
    row = {**orjson.loads(body), "k" * 1_000_000: 1}
    error = error_of(reading.post(PREDICT, json=row), 422)
    assert error["type"] == "extra_forbidden"
    assert error["loc"][1].startswith("kkk")
    assert len(str(error)) < 1000


@pytest.mark.parametrize(("content_type", "is_read"), [("Text/Plain; charset=utf-8", True), ("text/csv", False)])
def test_a_route_may_take_more_content_types(content_type: str, is_read: bool) -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": b"{}"}

    request = Request({"type": "http", "headers": [(b"content-type", content_type.encode())]}, receive)
    reading = read_json_bytes(request, 10, also=["text/plain"])
    if is_read:
        assert asyncio.run(reading) == b"{}"
    else:
        with pytest.raises(UnsupportedMediaTypeError, match="text/csv"):
            asyncio.run(reading)
