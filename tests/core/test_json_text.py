"""Strict JSON: no NaN, and every repeated key found, whatever else the text holds."""

from __future__ import annotations

import gzip
import re
import time
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.errors import Fault, InvalidInputError
from functions.core.json_text import TEXT, elements_beyond, parse_json, repeated_keys

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(JSON)
def test_text_without_repeated_keys_is_parsed_as_it_is(document: Any) -> None:
    assert parse_json(orjson.dumps(document)) == document


@pytest.mark.parametrize(
    ("body", "places"),
    [
        (b'{"a": 1, "a": 1}', [("a",)]),
        (b'{"b": {"a": 1, "a": 2}, "a": ":"}', [("b", "a")]),
        (b'[{"x": 1}, {"x": 1, "x": [{"y": 1, "y": 2}]}]', [(1, "x"), (1, "x", 0, "y")]),
        (b'{"a": 1, "a": 2, "b": 1, "b": 2, "a": 3}', [("a",), ("b",)]),
        (b'{"\\u0061": 1, "a": 2}', [("a",)]),
    ],
)
def test_each_repeated_key_is_located(body: bytes, places: list[tuple[str | int, ...]]) -> None:
    assert repeated_keys(body, orjson.loads(body), 10) == places
    with pytest.raises(InvalidInputError) as caught:
        parse_json(body)
    assert [fault.loc for fault in caught.value.faults] == [("body", *place) for place in places]
    assert {fault.type for fault in caught.value.faults} == {"repeated_key"}


def test_no_more_places_are_listed_than_asked_for() -> None:
    body = b"[" + b",".join([b'{"a": 1, "a": 2}'] * 5) + b"]"
    assert repeated_keys(body, orjson.loads(body), 2) == [(0, "a"), (1, "a")]


@pytest.mark.parametrize(
    ("body", "position"), [(b"", 0), (b"{", 1), (b"[NaN]", 1), (b"[Infinity]", 1), (b'["\xff"]', 2), (b"[1] 2", 4)]
)
def test_text_that_is_not_json_is_refused_with_the_position(body: bytes, position: int) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_json(body)
    (fault,) = caught.value.faults
    assert (fault.loc, fault.type) == (("body", position), "json_invalid")
    assert fault.msg.startswith("not JSON: ")


def refused(body: bytes) -> Fault:
    with pytest.raises(InvalidInputError) as caught:
        parse_json(body)
    (fault,) = caught.value.faults
    return fault


@pytest.mark.parametrize("body", [b"[NaN]", b"[Infinity]", b"[1, -Infinity]", "\ufeff[NaN]".encode("utf-16-be")])
def test_numbers_that_json_lacks_have_advice(body: bytes) -> None:
    assert refused(body).msg.endswith("; JSON has no NaN or Infinity: write null")
    assert "null" not in refused(b"[Nothing]").msg


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_the_json(encoding: str) -> None:
    text = '{"name": "Málaga 🏫"}'
    assert parse_json(text.encode(encoding)) == {"name": "Málaga 🏫"}
    with pytest.raises(InvalidInputError, match="once"):
        parse_json('{"a": 1, "a": 2}'.encode(encoding))


@pytest.mark.parametrize(
    ("body", "position", "words"),
    [
        ('["año"]'.encode("latin-1"), 3, "not JSON: byte 0xF1 in line 1 is not UTF-8: send the JSON in UTF-8"),
        ("[]".encode("utf-16")[:-1], 4, "not JSON: the body begins as UTF-16, but is damaged: send the JSON in UTF-8"),
        (
            gzip.compress(b"[]"),
            0,
            "not JSON: the body is compressed with gzip: send it unpacked; training rows may also be a .json.gz file, "
            "by POST .../uploads",
        ),
    ],
    ids=["Latin-1", "damaged UTF-16", "gzip"],
)
def test_other_encodings_are_named_with_advice(body: bytes, position: int, words: str) -> None:
    assert refused(body) == Fault(("body", position), words, "json_invalid")


def test_objects_too_deep_for_python_are_not_searched() -> None:
    body = b"[" * 1000 + b'{"a": 1, "a": 2}' + b"]" * 1000
    assert repeated_keys(body, orjson.loads(body), 1) == []


@pytest.mark.parametrize(
    "body", [b'"' + rb"\"" * 1_000_000, rb"\"" * 1_000_000, b'"' * 1_000_001, b'"' + b"\\" * 999_999]
)
def test_texts_that_never_close_are_left_out_in_linear_time(body: bytes) -> None:
    started = time.process_time()
    assert re.sub(rb"[\\\"]", b"", TEXT.sub(b"", body)) == b""
    assert time.process_time() - started < 5


def test_elements_of_arrays_are_counted_outside_texts_and_only_beyond_the_most() -> None:
    body = b'{"rows": [ {"a":",{[{"},\n{"a":[[],{}]}, {"a":{"b":{}}}]}'
    assert (elements_beyond(body, 3), elements_beyond(body, 4)) == (4, 0)
    assert (elements_beyond(body, 4, b"{["), elements_beyond(body, 5, b"{[")) == (5, 0)
    assert elements_beyond(b'["%b"]' % (b",{" * 100), 3) == 0
    assert elements_beyond(b'{"a":' * 100, 3) == 0
