"""Bytes that no HTTP library would send, to a server as users start it: it answers or hangs up, and goes on."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from functions.core.definition import Definition
from functions.local.home import Home
from tools.serving import Server, serving

TIMEOUT_SECONDS = 30
HEAD = b"POST /models/churn/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def server(workspace: Path, trained_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(workspace, trained_home.root) as found:
        yield found


@pytest.fixture(scope="module")
def http(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url) as client:
        yield client


@pytest.fixture
def send(server: Server) -> Callable[[bytes], bytes]:
    """send(request): all that the server answers to these bytes, until it hangs up."""

    def run(request: bytes) -> bytes:
        address = urlsplit(server.url)
        answer = b""
        with socket.create_connection((address.hostname, address.port), timeout=TIMEOUT_SECONDS) as connection:
            try:
                connection.sendall(request)
                connection.shutdown(socket.SHUT_WR)
                while part := connection.recv(65536):
                    answer += part
            except (ConnectionResetError, BrokenPipeError):
                pass
        return answer

    return run


@pytest.fixture
def body(definitions: Mapping[str, Definition]) -> bytes:
    return json.dumps(definitions["churn"].examples[0]).encode()


@pytest.fixture(autouse=True)
def unharmed(server: Server, http: httpx.Client) -> Iterator[None]:
    """After every test, check that the server answers, and that its log has nothing unexpected."""
    yield
    assert http.get("/").status_code == 200
    log = server.log.read_text()
    assert "Traceback" not in log
    assert "unexpected error" not in log


def statuses(answer: bytes) -> list[int]:
    return [int(found) for found in re.findall(rb"(?:^|\r\n|})HTTP/1\.1 (\d{3}) ", answer)]


def chunked(*parts: bytes) -> bytes:
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in parts)


def sized(length: object, body: bytes) -> bytes:
    return HEAD + f"Content-Length: {length}\r\n\r\n".encode() + body


def test_a_body_in_chunks_is_predicted_with(send: Callable[[bytes], bytes], body: bytes) -> None:
    answer = send(chunked(body[:10], body[10:], b""))
    assert statuses(answer) == [200]
    assert b'"predictions"' in answer


def test_a_body_in_endless_chunks_is_cut_off(send: Callable[[bytes], bytes]) -> None:
    assert statuses(send(chunked(*[b" " * 1_000_000] * 9)))[:1] in ([413], [])


def test_a_body_shorter_than_announced_is_no_request(send: Callable[[bytes], bytes], body: bytes) -> None:
    assert statuses(send(sized(len(body) + 1, body))) in ([], [400])


def test_a_body_longer_than_announced_is_cut_there(send: Callable[[bytes], bytes], body: bytes) -> None:
    assert statuses(send(sized(len(body), body + b" GARBAGE\r\n\r\n"))) in ([200, 400], [400])
    # the connection is closed with a byte unread, which may reset it before the answer is read
    assert statuses(send(sized(len(body) - 1, body)))[:1] in ([400], [422], [])


@pytest.mark.parametrize(
    "length", ["-1", "abc", "1e3", "9" * 30, "9" * 5000, "10000000000", "5\r\nContent-Length: 6", "+5", ""]
)
def test_an_absurd_length_is_refused(send: Callable[[bytes], bytes], body: bytes, length: str) -> None:
    assert set(statuses(send(sized(length, body)))) <= {400, 413, 422}


def test_a_length_and_chunks_at_once_are_refused(send: Callable[[bytes], bytes], body: bytes) -> None:
    request = sized(len(body), b"").replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert set(statuses(send(request + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)))) <= {200, 400}


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /models/\xff\xfe HTTP/1.1",
        b"GET /models?filter=\xff HTTP/1.1",
        b"GET /models/churn/performance?filter=%ff%00%0d%0a HTTP/1.1",
        b"GET /models/churn/../churn HTTP/1.1",
        b"GET //models//churn HTTP/1.1",
        b"GET /../../etc/passwd HTTP/1.1",
        b"GET /models/%2e%2e%2f%2e%2e%2fetc%2fpasswd HTTP/1.1",
        b"GET /docs/..%5c..%5cfailures.py HTTP/1.1",
        b"GET /models/churn/jobs?page=" + b"9" * 5000 + b" HTTP/1.1",
        b"GET /models/churn/jobs?page=1&page=-1&page_size=0x10 HTTP/1.1",
        b"GET /models/churn/versions/" + b"9" * 5000 + b" HTTP/1.1",
        b"GET /" + b"a" * 60_000 + b" HTTP/1.1",
        b"GET /models?" + b"a=1&" * 15_000 + b" HTTP/1.1",
        b"GET http://elsewhere/models HTTP/1.1",
        b"GET models HTTP/1.1",
        b"GET  HTTP/1.1",
        b"OPTIONS * HTTP/1.1",
        b"HEAD /models HTTP/1.1",
        b"BREW /models HTTP/1.1",
        b"get /models HTTP/1.1",
        b"GET /models HTTP/9.9",
        b"GET /models",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_an_odd_request_is_answered_below_500(send: Callable[[bytes], bytes], request_line: bytes) -> None:
    answer = send(request_line + b"\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert set(statuses(answer)) <= {200, 400, 404, 405, 422}
    assert b"root:" not in answer


@pytest.mark.parametrize("host", ["", "a b", "\xff", "x" * 10_000, "localhost:99999999", '"><script>'])
def test_an_odd_host_is_no_harm(send: Callable[[bytes], bytes], host: str) -> None:
    answer = send(f"GET /models/boats HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode("latin-1"))
    assert set(statuses(answer)) <= {400, 404, 421}


@pytest.mark.parametrize("header", ["Prefer", "Idempotency-Key", "Content-Type", "Content-Encoding"])
@pytest.mark.parametrize("value", ["\xff\xfe", "x" * 5000, "\t", 'a, b; c="d'])
def test_an_odd_header_is_no_harm(send: Callable[[bytes], bytes], header: str, value: str) -> None:
    request = f"POST /models/churn/retrain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n{header}: {value}\r\n"
    assert set(statuses(send(request.encode("latin-1") + b"\r\n[]"))) <= {400, 415, 422}


def test_head_keeps_the_connection_in_step(http: httpx.Client) -> None:
    for _ in range(2):
        # a compressed answer is shorter than the content that the client sees
        plain = {"Accept-Encoding": "identity"}
        head, get = http.head("/models/churn", headers=plain), http.get("/models/churn", headers=plain)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == get.headers["content-length"] == str(len(get.content))


def test_the_odd_requests_changed_nothing(http: httpx.Client) -> None:
    found: Any = http.get("/models").json()["data"]["models"]
    assert {one["version"] for one in found} == {1}
    for model in ("churn", "car-price"):
        assert http.get(f"/models/{model}/jobs").json()["data"]["total"] == 0
