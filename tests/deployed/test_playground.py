"""The page of a deployment, in a browser: without a token, and with one, also where files go to the bucket and back."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.deployed.deployment import Deployment, Row
from tests.playground.browser import Browser, Opened, browser_running

ROWS = 60
SLOW_MILLISECONDS = 120_000


@pytest.fixture(scope="module")
def browser(deployed: Deployment) -> Iterator[Browser]:
    with browser_running(deployed.url.rstrip("/")) as found:
        yield found


@contextmanager
def with_token(browser: Browser, *, others: list[str] | None = None) -> Iterator[Opened]:
    """The page in Spanish, after its reader has entered the token of every scope."""
    with browser.opened(language="es", others=others or []) as opened:
        page = opened.go("")
        page.get_by_role("button", name="Poner token").click()
        page.locator("dialog").get_by_label("Token").fill(os.environ["API_TOKEN"])
        page.get_by_role("button", name="Usar este token").click()
        page.get_by_role("button", name="Cambiar token").wait_for()
        yield opened


@pytest.fixture(scope="module")
def bucket_origins(deployed: Deployment) -> list[str]:
    """The origins that the page may ask besides its own, by its Content-Security-Policy."""
    policy = httpx.get(f"{deployed.url.rstrip('/')}/playground").headers["content-security-policy"]
    (connect,) = [one.split() for one in policy.split("; ") if one.startswith("connect-src ")]
    return connect[2:]


def test_without_a_token_the_models_are_shown_and_the_page_asks_for_one(browser: Browser) -> None:
    with browser.opened() as opened:
        page = opened.go("")
        page.get_by_role("link", name="Try churn").click()
        page.get_by_text("This server asks for a token").wait_for()
        opened.require_tidy()
        opened.picture("deployed-without-token")
        page.get_by_role("button", name="Predict", exact=True).click()
        page.locator("dialog").wait_for()


@pytest.mark.parametrize("model", ["churn", "car-price", "project-tags"])
def test_with_a_token_the_example_is_predicted(browser: Browser, model: str) -> None:
    with with_token(browser) as opened:
        page = opened.page
        page.get_by_role("link", name=f"Probar {model}").click()
        page.get_by_role("button", name="Predecir", exact=True).click()
        page.locator(".figure, .figure-label").wait_for()
        opened.require_tidy()
        opened.picture(f"deployed-{model}")
        page.get_by_role("link", name="Versiones").click()
        page.get_by_role("heading", name="está en producción").wait_for()


def test_a_file_trains_a_version_through_the_bucket(
    browser: Browser, deployed: Deployment, bucket_origins: list[str], cars: list[Row], tmp_path: Path
) -> None:
    (tmp_path / "cars.json").write_text(json.dumps(cars), encoding="utf-8")
    before = deployed.versions("car-price")
    with with_token(browser, others=bucket_origins) as opened:
        page = opened.page
        page.get_by_role("link", name="Versiones de car-price").click()
        page.locator("input[type=file]").set_input_files(tmp_path / "cars.json")
        page.get_by_role("button", name=f"Entrenar con {len(cars)} filas").click()
        page.locator("table.comparison").wait_for(timeout=SLOW_MILLISECONDS)
        opened.require_tidy()
        opened.picture("deployed-retrained")
    assert deployed.versions("car-price") == before + 1


def test_a_batch_goes_through_the_bucket_and_its_results_come_from_there(
    browser: Browser, root: Path, bucket_origins: list[str], tmp_path: Path
) -> None:
    lines = (root / "models" / "churn" / "sample.csv").read_text("utf-8").splitlines()[: ROWS + 1]
    (tmp_path / "customers.csv").write_text("\n".join(lines), encoding="utf-8")
    with with_token(browser, others=bucket_origins) as opened:
        page = opened.page
        page.get_by_role("link", name="Probar churn").click()
        page.get_by_role("link", name="Tabla").click()
        page.locator("input[type=file]").set_input_files(tmp_path / "customers.csv")
        page.get_by_role("button", name="Predecir como lote").click()
        save = page.get_by_role("button", name="Descargar todo en un archivo")
        save.wait_for(timeout=SLOW_MILLISECONDS)
        with page.expect_download() as whole:
            save.click()
        joined, parts = whole.value.path().read_bytes(), b""
        for link in page.locator("a[download*=csv]").all():
            with page.expect_download() as part:
                link.click()
            parts += gzip.decompress(part.value.path().read_bytes())
        opened.require_tidy()
        opened.picture("deployed-batch")
    assert joined == parts
    assert len(parts.splitlines()) == ROWS + 1
