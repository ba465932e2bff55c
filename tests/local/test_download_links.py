"""Links to files of a home: signed, limited in time, and as large as the file is."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp

from functions.core.errors import StorageError
from functions.core.local_storage import LocalStorage
from functions.inference.application import create_application
from functions.inference.control.fastapi_app import fastapi_app
from functions.inference.delivery import LAMBDA_ANSWER_BYTES
from functions.local.download_links import LocalDownloadLinks

KEY = "batches/churn/0/out/part-00001.jsonl.gz"
Connect = Callable[[ASGIApp], httpx.Client]


@pytest.fixture
def files(tmp_path: Path) -> LocalStorage:
    storage = LocalStorage(tmp_path)
    storage.write(KEY, b"rows")
    return storage


@pytest.fixture
def links(files: LocalStorage) -> LocalDownloadLinks:
    return LocalDownloadLinks(files)


@pytest.fixture
def browser(links: LocalDownloadLinks, connect: Connect) -> httpx.Client:
    return connect(links.served_before(create_application(fastapi_app([])), "/ml"))


def test_a_link_gives_the_file_under_its_name_for_saving(links: LocalDownloadLinks, browser: httpx.Client) -> None:
    answer = browser.get(links.create(KEY, file_name="mine.jsonl.gz"))
    assert (answer.status_code, answer.content) == (200, b"rows")
    assert answer.headers["content-disposition"] == 'attachment; filename="mine.jsonl.gz"'
    assert (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert "content-encoding" not in answer.headers


def test_a_file_may_be_larger_than_an_answer(
    links: LocalDownloadLinks, browser: httpx.Client, files: LocalStorage
) -> None:
    files.write(KEY, b"x" * (LAMBDA_ANSWER_BYTES + 1))
    assert len(browser.get(links.create(KEY, file_name="a")).content) == LAMBDA_ANSWER_BYTES + 1


def test_a_link_is_served_below_the_base_path_too(links: LocalDownloadLinks, browser: httpx.Client) -> None:
    assert browser.get(f"/ml{links.create(KEY, file_name='a')}").content == b"rows"


@pytest.mark.parametrize(
    ("part", "changed"),
    [
        ("part-00001", "part-00002"),
        ("file_name=a", "file_name=b"),
        ("expires=1", "expires=2"),
        ("signature=", "other="),
    ],
)
def test_a_link_that_was_changed_is_forbidden(
    links: LocalDownloadLinks, browser: httpx.Client, files: LocalStorage, part: str, changed: str
) -> None:
    files.write(KEY.replace("1", "2"), b"others")
    link = links.create(KEY, file_name="a")
    assert part in link
    answer = browser.get(link.replace(part, changed))
    assert answer.status_code == 403
    assert "ask for another one" in answer.json()["errors"][0]["msg"]


def test_a_link_ends_after_its_time(
    links: LocalDownloadLinks, browser: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = links.create(KEY, file_name="a")
    late = time.time() + 3602
    monkeypatch.setattr("functions.local.download_links.time.time", lambda: late)
    answer = browser.get(link)
    assert answer.status_code == 403
    assert "expired" in answer.json()["errors"][0]["msg"]


def test_a_file_that_was_removed_is_not_found(
    links: LocalDownloadLinks, browser: httpx.Client, files: LocalStorage
) -> None:
    link = links.create(KEY, file_name="a")
    files.delete(KEY)
    assert browser.get(link).status_code == 404


def test_no_link_leads_out_of_the_home(links: LocalDownloadLinks) -> None:
    with pytest.raises(StorageError):
        links.create("../secret", file_name="a")


def test_other_requests_go_to_the_application(browser: httpx.Client) -> None:
    assert browser.get("/local-downloads/x").json()["errors"][0]["type"] == "http_404"
    assert browser.post("/local-downloads").status_code == 404
