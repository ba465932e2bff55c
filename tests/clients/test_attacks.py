"""A stranger's page in Chromium, on another port of this machine: it changes nothing and reads nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from functions.core.definition import Definition
from tests.clients.browsers import REBOUND, command, opened
from tests.clients.programs import run
from tests.clients.sites import Site
from tests.conftest import Row
from tools.serving import Server

RETRAIN = "/models/car-price/retrain?force=true"
UNREADABLE = {"type": "opaque", "status": 0, "body": ""}
"""What a page sees of an answer that it may not read."""


@pytest.fixture
def rows(labelled: Callable[[str], list[Row]]) -> list[Row]:
    """Rows on which a retrain would succeed."""
    return labelled("car-price")[:200]


def state(http: httpx.Client, models: Mapping[str, Definition]) -> Any:
    """All that could have been changed."""
    places = [f"/models/{name}/{part}" for name in models for part in ("history", "versions", "jobs", "production")]
    return {place: http.get(place).json().get("data") for place in ("/models", *places)}


def test_a_strangers_page_changes_nothing_and_reads_nothing(
    server: Server,
    served: Mapping[str, Definition],
    http: httpx.Client,
    strange_site: Site,
    rows: list[Row],
    tmp_path: Path,
) -> None:
    before = state(http, served)
    rebound = f"http://{REBOUND}:{urlsplit(server.url).port}"
    page = strange_site.page("attacks.js", [server.url, rebound, RETRAIN, rows])
    with opened(page, tmp_path):
        tried = strange_site.reported()
    assert len(tried) == 22, tried
    seen = {name: found for name, found in tried.items() if found != UNREADABLE}
    assert seen.pop("a beacon") == "true"  # sent, and that is all that the page knows
    assert {name: found for name, found in seen.items() if not _is_refusal(found)} == {}
    assert state(http, served) == before
    assert "Traceback" not in server.log.read_text()
    # the very same rows from a program: it was the page that was refused
    answer = http.post(RETRAIN, json=rows, headers={"Prefer": "respond-async"})
    assert answer.status_code == 202


def _is_refusal(found: Any) -> bool:
    return isinstance(found, str) and (found == "refused" or "Error" in found)


def test_a_page_of_a_name_that_leads_here_is_not_served(server: Server, tmp_path: Path) -> None:
    """After DNS rebinding the stranger's own name leads to this server, and the browser takes both for one origin."""
    port = urlsplit(server.url).port
    shown = run([*command(tmp_path), "--dump-dom", f"http://{REBOUND}:{port}/models/car-price/jobs"])
    assert '"status-code":421' in shown
    assert '"jobs"' not in shown
