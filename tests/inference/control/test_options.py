"""Options out of a small JSON body."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request

from functions.core.errors import MAX_FAULTS, InvalidInputError, TooLargeError, UnsupportedMediaTypeError
from functions.inference.control.options import OPTIONS_MAX_BYTES, parse_options, read_options


class Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")
    count: int = 1


def read(body: bytes, content_type: str = "application/json") -> Wanted:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", content_type.encode())]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
    return asyncio.run(read_options(request, Wanted))


@pytest.mark.parametrize(("body", "count"), [(b"", 1), (b"{}", 1), (b'{"count": 3}', 3)])
def test_an_empty_body_is_an_empty_object(body: bytes, count: int) -> None:
    assert read(body).count == count


@pytest.mark.parametrize(
    ("body", "loc"),
    [(b'{"count": "x"}', ("body", "count")), (b'{"counts": 1}', ("body", "counts")), (b"[]", ("body",))],
)
def test_a_fault_has_its_place_in_the_body(body: bytes, loc: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read(body)
    assert [fault.loc for fault in caught.value.faults] == [loc]


def test_many_faults_are_cut() -> None:
    body = b"{" + b",".join(b'"unknown %d": 1' % number for number in range(MAX_FAULTS + 5)) + b"}"
    with pytest.raises(InvalidInputError) as caught:
        read(body)
    assert len(caught.value.faults) == MAX_FAULTS


def test_no_more_faults_are_made_than_are_listed() -> None:
    unknown = b",".join(b'"unknown %d": 1' % number for number in range(5 * MAX_FAULTS))
    with pytest.raises(InvalidInputError) as caught:
        parse_options(b"{" + unknown + b', "count": "x"}', Wanted)
    # the fault of a known key is not crowded out by those before it
    assert [fault.loc for fault in caught.value.faults[:2]] == [("body", "count"), ("body", "unknown 0")]
    made = caught.value.__context__
    assert isinstance(made, ValidationError)
    assert made.error_count() == MAX_FAULTS + 1


def test_a_body_is_json_within_the_limit() -> None:
    assert read(b"{}" + b" " * (OPTIONS_MAX_BYTES - 2)).count == 1
    with pytest.raises(TooLargeError):
        read(b"{}" + b" " * (OPTIONS_MAX_BYTES - 1))
    with pytest.raises(UnsupportedMediaTypeError):
        read(b"{}", "text/plain")
