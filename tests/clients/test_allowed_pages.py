"""Pages of other origins in Chromium: one that --allow-origin names reads and predicts, any other nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from functions.core.definition import Definition
from tests.clients.browsers import opened
from tests.clients.programs import node_packages
from tests.clients.sites import Site
from tools.serving import Server

PACKAGES = {
    f"@huggingface/{name}": f"/node_modules/@huggingface/{name}/dist/{path}"
    for name, path in (("inference", "esm/index.js"), ("tasks", "esm/index.js"), ("jinja", "index.js"))
}


def asked(site: Site, server: Server, served: Mapping[str, Definition], profile: Path) -> Any:
    page = site.page("ask.js", [server.url, served["churn"].examples[0]])
    with opened(page, profile):
        return site.reported()


def test_an_allowed_page_reads_and_predicts_and_reads_why_it_may_not_change_anything(
    server: Server, served: Mapping[str, Definition], allowed_site: Site, tmp_path: Path
) -> None:
    found = asked(allowed_site, server, served, tmp_path)
    assert [found[name].get("status") for name in ("read", "predict", "labels")] == [200] * 3, found
    assert found["labels"]["version"] == "1"
    assert found["predict"]["body"]["data"]["predictions"]
    for name in ("retrain", "promote"):
        assert found[name]["status"] == 403
        assert "needs a token" in found[name]["body"]["errors"][0]["msg"]


def test_a_page_that_is_not_allowed_reads_nothing(
    server: Server, served: Mapping[str, Definition], strange_site: Site, tmp_path: Path
) -> None:
    found = asked(strange_site, server, served, tmp_path)
    assert len(found) == 5
    assert [name for name, one in found.items() if list(one) != ["failed"]] == []


def test_the_client_of_hugging_face_is_answered_in_a_page(
    server: Server, served: Mapping[str, Definition], allowed_site: Site, tmp_path: Path
) -> None:
    becas = served["becas"]
    allowed_site.folder = node_packages(Path(__file__).with_name("node"), tmp_path / "packages")
    page = allowed_site.page("inference.js", [server.url, becas.hub_id, becas.examples[0]], PACKAGES)
    with opened(page, tmp_path / "profile"):
        found = allowed_site.reported()
    assert found["answer"]["answer"] in becas.examples[0]["context"], found
    assert sum(one["score"] for one in found["labels"]) == pytest.approx(1)
