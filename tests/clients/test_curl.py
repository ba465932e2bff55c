"""curl, with and without HTTP/2."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping

import httpx
import pytest

from functions.core.definition import Definition
from tests.clients.programs import TIMEOUT_SECONDS, program, run
from tools.serving import Server

CHUNKED = ("--header", "Transfer-Encoding: chunked")
EXPECTING = ("--header", "Expect: 100-continue")


@pytest.mark.parametrize(
    ("version", "more"),
    [
        *(("--http1.0", more) for more in ((), EXPECTING)),
        *((version, more) for version in ("--http1.1", "--http2") for more in ((), CHUNKED, EXPECTING)),
    ],
)
def test_curl_gets_two_answers_on_one_connection(
    server: Server, served: Mapping[str, Definition], version: str, more: tuple[str, ...]
) -> None:
    """HTTP/1.0 has no chunks, and a connection for each request."""
    place, body = f"{server.url}/models/churn/predict", json.dumps(served["churn"].examples[0])
    sent = ["--header", "Content-Type: application/json", *more, "--data", body]
    wanted = ["--write-out", " %{http_code} %{num_connects}\n", place, place]
    printed = run([_curl(version), "--silent", version, *sent, *wanted])
    for line, connects in zip(printed.splitlines(), (1, int(version == "--http1.0")), strict=True):
        answer, status, new_connections = line.rsplit(" ", 2)
        assert (status, new_connections) == ("200", str(connects))
        assert json.loads(answer)["data"]["predictions"]


def test_a_client_that_speaks_http2_at_once_is_refused_at_once(server: Server, http: httpx.Client) -> None:
    """The server speaks HTTP/1.1 alone: it answers in that, and ends the connection."""
    command = [_curl("--http2-prior-knowledge"), "--silent", "--show-error", "--http2-prior-knowledge", server.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    assert done.returncode != 0
    assert http.get("/").status_code == 200


def _curl(option: str) -> str:
    found = program("curl")
    if option.startswith("--http2") and "HTTP2" not in run([found, "--version"]):
        pytest.skip("the curl of this machine was built without HTTP/2")
    return found
