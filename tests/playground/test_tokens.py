"""A server that asks for a token: the page asks its reader, and keeps the token in its memory alone."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.local.home import Home
from tests.copied_models import copied
from tests.playground.browser import Browser
from tools.checkout import HERE
from tools.serving import Server, serving


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, trained_home: Home) -> Iterator[tuple[Server, str]]:
    """A server with one token, of the scope predict, over a home that is only read."""
    folder = copied(["churn"], tmp_path_factory.mktemp("guarded"))
    file = folder / "tokens.json"
    command = HERE.command("token", "create", "ana", "--scope", "predict", "--file", str(file))
    made = subprocess.run(command, cwd=folder, env=HERE.environment, capture_output=True, text=True, check=True)
    token = made.stdout.split()[-1]
    with serving(folder, Path(trained_home.root), "--tokens", str(file)) as server:
        yield server, token


def test_without_a_token_the_form_is_there_and_with_one_it_predicts(
    browser: Browser, guarded: tuple[Server, str]
) -> None:
    server, token = guarded
    with browser.opened(url=server.url) as opened:
        page = opened.go("churn/try")
        assert "This server asks for a token" in opened.text()
        page.get_by_role("button", name="Predict", exact=True).click()
        dialog = page.locator("dialog")
        dialog.wait_for()
        opened.picture("token-en")
        dialog.get_by_label("Token").fill(token)
        dialog.get_by_role("button", name="Use this token").click()
        page.get_by_role("button", name="Change token").wait_for()
        # the values of the example are learned from rows, so they are there only now
        page.evaluate("() => { location.hash = '#/' }")
        page.get_by_role("link", name="Try churn").click()
        page.get_by_label("tenure", exact=True).wait_for()
        page.get_by_role("button", name="Predict", exact=True).click()
        page.locator(".figure-label").wait_for()
        page.get_by_text("The same request as a program").click()
        assert "Bearer $TOKEN" in page.locator("pre").inner_text()
        assert token not in page.content()
        kept = page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
        assert token not in kept
        assert opened.troubles == []


def test_what_the_token_does_not_permit_is_said(browser: Browser, guarded: tuple[Server, str]) -> None:
    server, token = guarded
    with browser.opened(language="es", url=server.url) as opened:
        page = opened.go("")
        page.get_by_role("button", name="Poner token").click()
        page.locator("dialog").get_by_label("Token").fill(token)
        page.get_by_role("button", name="Usar este token").click()
        page.get_by_role("link", name="Versiones de churn").click()
        page.get_by_text("La versión 1 está en producción").wait_for()
        page.locator("input[type=file]").set_input_files(
            {"name": "rows.csv", "mimeType": "text/csv", "buffer": b"tenure\n1\n"}
        )
        page.get_by_role("button", name="Entrenar con 1 fila").click()
        page.get_by_text("El token no permite esto.").wait_for()
