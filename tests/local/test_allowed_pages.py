"""Pages of an allowed origin, as a browser sends their requests: they read and predict, and change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from functions.core.definition import Definition
from functions.core.local_storage import LocalStorage
from functions.core.other_origins import READ_HEADERS, SENT_HEADERS
from functions.inference.delivery import AROUND_BODY_BYTES
from functions.local.allowed_pages import with_allowed_pages
from functions.local.application import LastingParts, local_application
from functions.local.download_links import LocalDownloadLinks
from functions.local.home import Home
from tests.conftest import BASE_URL, Connect
from tests.local.test_own_pages import CHANGES

ORIGIN = "http://localhost:3000"
PAGE = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-site"}
ALLOW_ORIGIN = "access-control-allow-origin"


@pytest.fixture(scope="module")
def server(trained_home: Home, definitions: Mapping[str, Definition], connect: Connect) -> httpx.Client:
    """The laptop's application, which one origin may call; nothing may be written through it."""
    return connect(local_application(trained_home, definitions, base_url=BASE_URL, allowed_origins=[ORIGIN]))


def preflight(server: httpx.Client, path: str, origin: str, method: str, *headers: str) -> httpx.Response:
    asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": ",".join(headers).lower()}
    return server.options(path, headers={"Origin": origin, **asked})


@pytest.mark.parametrize(
    ("path", "method"), [("/models/churn/predict", "POST"), ("/models/churn/production", "PUT"), ("/models", "GET")]
)
def test_a_browser_is_answered_before_it_sends(server: httpx.Client, path: str, method: str) -> None:
    answer = preflight(server, path, ORIGIN, method, *SENT_HEADERS)
    assert answer.status_code == 200
    assert answer.headers[ALLOW_ORIGIN] == ORIGIN
    assert method in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-max-age"] == "3600"


def test_a_page_of_a_public_site_may_call_this_machine(server: httpx.Client) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Private-Network": "true"}
    answer = server.options("/models/churn/predict", headers={"Origin": ORIGIN, **asked})
    assert (answer.status_code, answer.headers["access-control-allow-private-network"]) == (200, "true")


@pytest.mark.parametrize(
    ("origin", "header"),
    [("https://evil.example", "content-type"), ("http://localhost:3001", "content-type"), (ORIGIN, "x-unknown")],
)
def test_a_browser_is_denied_other_origins_and_headers(server: httpx.Client, origin: str, header: str) -> None:
    answer = preflight(server, "/models/churn/predict", origin, "POST", header)
    assert answer.status_code == 400
    assert (ALLOW_ORIGIN in answer.headers) is (origin == ORIGIN)


def test_a_page_reads_and_predicts(server: httpx.Client, definitions: Mapping[str, Definition]) -> None:
    predicted = server.post("/models/churn/predict", json=dict(definitions["churn"].examples[0]), headers=PAGE)
    for answer in (predicted, server.get("/models/churn/schema", headers=PAGE)):
        assert answer.status_code == 200
        assert answer.headers[ALLOW_ORIGIN] == ORIGIN
        assert answer.headers["access-control-expose-headers"] == ", ".join(READ_HEADERS)
        assert "Origin" in answer.headers["vary"]


def test_a_page_reads_why_it_is_refused(server: httpx.Client) -> None:
    for path, status in (("/models/boats", 404), ("/models/churn/args/nothing", 404)):
        answer = server.get(path, headers=PAGE)
        assert (answer.status_code, answer.headers[ALLOW_ORIGIN]) == (status, ORIGIN)


def test_a_page_reads_files_by_their_links(
    trained_home: Home, definitions: Mapping[str, Definition], connect: Connect, tmp_path: Path
) -> None:
    files = LocalStorage(tmp_path)
    files.write("batches/churn/0/out/part-00001.jsonl.gz", b"rows")
    parts = replace(LastingParts.of(trained_home), downloads=LocalDownloadLinks(files))
    link = parts.downloads.create("batches/churn/0/out/part-00001.jsonl.gz", file_name="mine.jsonl.gz")
    application = local_application(
        trained_home, definitions, base_url=BASE_URL, base_path="/ml", allowed_origins=[ORIGIN], lasting=parts
    )
    for path, status in ((link, 200), (f"/ml{link}", 200), (link.replace("mine", "other"), 403)):
        answer = connect(application).get(path, headers=PAGE)
        assert (answer.status_code, answer.headers[ALLOW_ORIGIN]) == (status, ORIGIN)


def test_a_page_reads_that_an_answer_is_too_large(server: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.inference.delivery.LAMBDA_ANSWER_BYTES", AROUND_BODY_BYTES)
    answer = server.get("/models/churn/schema", headers=PAGE)
    assert (answer.status_code, answer.headers[ALLOW_ORIGIN]) == (413, ORIGIN)


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_a_page_changes_nothing_and_reads_what_that_needs(server: httpx.Client, method: str, path: str) -> None:
    answer = server.request(method, path, content=b"[]", headers={**PAGE, "Content-Type": "application/json"})
    assert (answer.status_code, answer.headers[ALLOW_ORIGIN]) == (403, ORIGIN)
    message = answer.json()["errors"][0]["msg"]
    assert ORIGIN in message
    assert "needs a token" in message


def test_a_page_of_another_origin_reads_nothing(server: httpx.Client) -> None:
    answer = server.get("/models", headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"})
    assert ALLOW_ORIGIN not in answer.headers


def test_without_an_allowed_origin_nothing_is_in_between(reading: httpx.Client) -> None:
    app = Starlette()
    assert with_allowed_pages(app, ()) is app
    assert preflight(reading, "/models/churn/predict", ORIGIN, "POST").status_code == 405
