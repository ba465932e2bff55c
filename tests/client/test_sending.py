"""Requests and answers in the words of httpx."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from despliegue_client.errors import NoAnswerError, UnsendableError
from despliegue_client.exchange import FormFile, Request
from despliegue_client.sending import answer_of, sendable

REQUEST = Request("GET", "https://x.example/a?signature=abc", {"Authorization": "Bearer s3cret"})


@pytest.mark.parametrize(
    ("error", "was_sent"),
    [
        (httpx.ConnectError("refused"), False),
        (httpx.ConnectTimeout("late"), False),
        (httpx.PoolTimeout("busy"), False),
        (httpx.ReadTimeout("late"), True),
        (httpx.RemoteProtocolError("cut"), True),
        (httpx.ReadError("cut"), True),
        (httpx.DecodingError("incorrect header check"), True),
    ],
)
def test_a_failure_says_whether_the_request_may_have_arrived_and_shows_no_secret(
    error: httpx.RequestError, was_sent: bool
) -> None:
    with pytest.raises(NoAnswerError, match=r"GET https://x\.example/a: \w+ ") as caught, sendable(REQUEST):
        raise error
    assert caught.value.was_sent is was_sent
    assert "s3cret" not in str(caught.value)
    assert "abc" not in str(caught.value)


def test_the_file_of_a_form_is_open_while_it_is_sent(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(b"a\n")
    with sendable(Request("POST", "http://x", form=FormFile({"key": "k"}, "rows.csv", file))) as arguments:
        name, content, kind = arguments["files"]["file"]
        assert (name, content.read(), kind, arguments["data"]) == (
            "rows.csv",
            b"a\n",
            "application/octet-stream",
            {"key": "k"},
        )
    assert content.closed


def test_an_answer_that_cannot_be_unpacked_is_none() -> None:
    packed, stream = {"Content-Encoding": "gzip"}, httpx.ByteStream(b"this is no gzip")
    damaged = httpx.MockTransport(lambda asked: httpx.Response(200, headers=packed, stream=stream))
    with (
        httpx.Client(transport=damaged) as http,
        pytest.raises(NoAnswerError, match="DecodingError") as caught,
        sendable(REQUEST) as arguments,
    ):
        http.request(**arguments)
    assert caught.value.was_sent


@pytest.mark.parametrize("url", ["http://é..example/", "http://a.example/\x00"])
def test_an_address_that_cannot_be_asked_is_refused(url: str) -> None:
    with (
        httpx.Client() as http,
        pytest.raises(UnsendableError, match="the address of GET cannot be asked: Invalid"),
        sendable(Request("GET", url)) as arguments,
    ):
        http.request(**arguments)


def test_a_file_that_cannot_be_read_is_refused_with_its_path_and_the_reason(tmp_path: Path) -> None:
    form = FormFile({"key": "k"}, "rows.csv", tmp_path / "rows.csv")
    reason = r"rows\.csv: cannot be read: No such file"
    with pytest.raises(UnsendableError, match=reason), sendable(Request("POST", "http://x", form=form)):
        pass


def test_an_answer_has_its_headers_in_lower_case() -> None:
    answer = answer_of(httpx.Response(429, headers={"Retry-After": "3"}, content=b"x"))
    assert (answer.status, answer.headers["retry-after"], answer.body) == (429, "3", b"x")
