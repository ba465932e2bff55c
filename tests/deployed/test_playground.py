"""The page of a deployment, in a browser: what it shows without a token, and that it predicts with one."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.deployed.deployment import Deployment
from tests.playground.browser import Browser, browser_running


@pytest.fixture(scope="module")
def browser(deployed: Deployment) -> Iterator[Browser]:
    with browser_running(deployed.url.rstrip("/")) as found:
        yield found


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
    with browser.opened(language="es") as opened:
        page = opened.go("")
        page.get_by_role("button", name="Poner token").click()
        page.locator("dialog").get_by_label("Token").fill(os.environ["API_TOKEN"])
        page.get_by_role("button", name="Usar este token").click()
        page.get_by_role("link", name=f"Probar {model}").click()
        page.get_by_role("button", name="Predecir", exact=True).click()
        page.locator(".figure, .figure-label").wait_for()
        opened.require_tidy()
        opened.picture(f"deployed-{model}")
        page.get_by_role("link", name="Versiones").click()
        page.get_by_role("heading", name="está en producción").wait_for()
