"""The page over HTTP: for browsers at the root too, kept by them, and answered with JSON to everybody else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import httpx
import pytest
from starlette.types import ASGIApp

from functions.core.definition import Definition
from functions.local.application import local_application
from functions.local.home import Home

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize("path", ["/playground", "/playground/"])
def test_the_page_is_served_with_its_policy(reading: httpx.Client, path: str) -> None:
    page = reading.get(path)
    assert page.headers["content-type"].startswith("text/html")
    policy = dict(one.split(" ", 1) for one in page.headers["content-security-policy"].split("; "))
    assert policy["connect-src"] == "'self'"
    assert (page.headers["x-frame-options"], page.headers["cache-control"]) == ("DENY", "no-cache")


def test_the_files_that_the_page_names_may_be_kept_for_ever(reading: httpx.Client) -> None:
    links = re.findall(r'(?:src|href)="(/playground/[^"]+)"', reading.get("/playground").text)
    assert len(links) == 3
    for link in links:
        answer = reading.get(link)
        assert answer.status_code == 200, link
        assert "immutable" in answer.headers["cache-control"]
        other = reading.get(link.partition("?")[0])
        assert (other.content, other.headers["cache-control"]) == (answer.content, "no-cache")
        again = reading.get(link, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert "immutable" in again.headers["cache-control"]


def test_the_files_are_compressed(reading: httpx.Client) -> None:
    answer = reading.get("/playground/playground.js", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"].startswith("text/javascript")


def test_an_unknown_file_is_refused_with_the_known_ones(reading: httpx.Client) -> None:
    answer = reading.get("/playground/page.html")
    assert answer.status_code == 404
    assert "playground.js" in answer.json()["errors"][0]["msg"]


def test_the_root_is_the_page_for_browsers_and_json_for_everybody_else(reading: httpx.Client) -> None:
    page = reading.get("/", headers={"Accept": BROWSER})
    assert page.content == reading.get("/playground").content
    assert "content-security-policy" in page.headers
    health = reading.get("/", headers={"Accept": "*/*"})
    assert health.json()["data"]["service"] == "despliegue"
    assert "Accept" in page.headers["vary"].split(", ")
    assert "Accept" in health.headers["vary"].split(", ")
    known = reading.get("/", headers={"Accept": BROWSER, "If-None-Match": page.headers["etag"]})
    assert known.status_code == 304
    assert "Accept" in known.headers["vary"].split(", ")


def test_monitors_are_answered_with_json_whatever_they_accept(reading: httpx.Client) -> None:
    assert reading.get("/ping", headers={"Accept": BROWSER}).json()["data"]["service"] == "despliegue"


@pytest.mark.parametrize("path", ["/ml", "/ml/", "/ml/playground", "/playground"])
def test_below_a_base_path_the_page_knows_it(
    trained_home: Home,
    definitions: Mapping[str, Definition],
    connect: Callable[[ASGIApp], httpx.Client],
    path: str,
) -> None:
    application = local_application(trained_home, definitions, base_url="http://localhost", base_path="/ml")
    client = connect(application)
    page = client.get(path, headers={"Accept": BROWSER}).text
    assert 'data-base-path="/ml"' in page
    links = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert [link for link in links if client.get(link).status_code != 200] == []
    assert all(link.startswith("/ml/") for link in links)
