"""Requests to S3 that lists and single entries cost, counted where they arrive.

DESPLIEGUE_LISTED=10000 counts them over as many entries too.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from benchmarks.full_registry import MODEL, NOTES, full_registry
from functions.aws.s3_storage import S3Storage
from functions.core.definition import Definition
from functions.core.jobs import Jobs
from functions.core.local_storage import LocalStorage
from functions.core.registry import Registry
from functions.core.submission import Submissions
from functions.inference.application import create_application
from functions.inference.control.context import Control
from functions.inference.control.fastapi_app import fastapi_app
from functions.inference.control.router import control_routers
from functions.local.upload_links import LocalUploadLinks
from tests.batching import local_batching

SIZES = sorted({10, 1000, int(os.environ.get("DESPLIEGUE_LISTED", "1000"))})
MOST_REQUESTS = 70
LISTED = {"versions": "version", "jobs": "created", "history": "serial"}
"""Each list and a field by which its entries descend."""


class Requests:
    """The lines that the S3 of this process wrote for its requests."""

    def __init__(self, log: pytest.LogCaptureFixture) -> None:
        self._log = log

    def taken(self) -> list[str]:
        """The methods of the requests since this was asked last."""
        lines = [one.getMessage() for one in self._log.records if one.name == "werkzeug"]
        self._log.clear()
        return [method for line in lines for method in ("GET", "HEAD", "PUT") if f"{method} /" in line]


@pytest.fixture
def requests(caplog: pytest.LogCaptureFixture) -> Requests:
    caplog.set_level(logging.INFO, logger="werkzeug")
    return Requests(caplog)


@pytest.fixture
def control(
    bucket: str,
    aws_environment: None,
    definitions: dict[str, Definition],
    connect: Callable[[ASGIApp], httpx.Client],
    tmp_path: Any,
) -> httpx.Client:
    """The control function over an empty bucket."""
    uploads = LocalStorage(tmp_path)
    registry = Registry(S3Storage(bucket))
    context = Control(
        definitions,
        registry,
        Submissions(registry, uploads),
        LocalUploadLinks(uploads),
        local_batching(registry, uploads),
    )
    return connect(create_application(fastapi_app(control_routers(context))))


def fill(bucket: str, objects: dict[str, bytes]) -> None:
    """Write objects past HTTP, which would take minutes."""
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.s3.models import s3_backends

    store = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    for key, body in objects.items():
        store.put_object(bucket, key, body)


def page_of(control: httpx.Client, name: str, **query: int) -> dict[str, Any]:
    answer = control.get(f"/models/{MODEL}/{name}", params=query)
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


@pytest.mark.parametrize("count", SIZES)
def test_a_page_costs_what_it_shows_and_writes_nothing(
    bucket: str, control: httpx.Client, requests: Requests, count: int
) -> None:
    fill(bucket, full_registry(count))
    requests.taken()
    for name, field in LISTED.items():
        page_number = 1 + count // 100
        page = page_of(control, name, page=page_number, page_size=50)
        methods = requests.taken()
        assert len(methods) <= min(count, 50) + 2 * -(-count // 1000) + 3
        assert len(methods) <= MOST_REQUESTS
        assert "PUT" not in methods
        assert (page["total"], len(page[name])) == (count, min(count, 50))
        values = [entry[field] for entry in page[name]]
        assert values == sorted(values, reverse=True)
        if name != "jobs":
            assert values[0] == count - 50 * (page_number - 1)


def test_lists_of_an_older_release_are_the_same_at_a_higher_cost(
    bucket: str, control: httpx.Client, requests: Requests, s3: Any
) -> None:
    fill(bucket, full_registry(150))
    noted = {name: page_of(control, name, page=2, page_size=50) for name in LISTED}
    for key in S3Storage(bucket).keys(""):
        if key.startswith(NOTES):
            s3.delete_object(Bucket=bucket, Key=key)
    requests.taken()
    for name in LISTED:
        assert page_of(control, name, page=2, page_size=50) == noted[name]
    assert len(requests.taken()) < 300


@pytest.mark.parametrize("path", ["versions/99999", f"jobs/{'a' * 32}"])
def test_an_unknown_entry_costs_one_request(bucket: str, control: httpx.Client, requests: Requests, path: str) -> None:
    fill(bucket, full_registry(60))
    requests.taken()
    assert control.get(f"/models/{MODEL}/{path}").status_code == 404
    assert requests.taken() == ["GET"]


def test_notes_of_older_jobs_make_their_list_cheap(bucket: str, control: httpx.Client, requests: Requests) -> None:
    fill(bucket, full_registry(60, has_notes=False))
    before = page_of(control, "jobs", page_size=5)
    Jobs(S3Storage(bucket)).note_times(MODEL, at_most=1000)
    requests.taken()
    assert page_of(control, "jobs", page_size=5) == before
    assert len(requests.taken()) == 8
