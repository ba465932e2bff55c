"""A model of several targets: each prediction by the name of its target, in the form, the table and what-if."""

from __future__ import annotations

import csv
import io

import httpx
import pytest

from tests.playground.browser import Browser

PREDICT = {"en": "Predict", "es": "Predecir"}
SIZES = {"small", "medium", "large"}


@pytest.mark.parametrize(("language", "width"), [("en", 360), ("es", 1280)])
def test_each_target_has_its_own_probabilities(browser: Browser, http: httpx.Client, language: str, width: int) -> None:
    example = http.get("/models/orders/schema").json()["data"]["example"]
    (wanted,) = http.post("/models/orders/predict", json=[example]).json()["data"]["predictions"]
    with browser.opened(language=language, width=width) as opened:
        page = opened.go("orders/try")
        page.get_by_role("button", name=PREDICT[language], exact=True).click()
        page.locator(".figure-label").first.wait_for()
        assert page.locator(".figure-label").all_inner_texts() == [wanted["late"]["label"], wanted["size"]["label"]]
        parts = page.locator("section:has(> h3)")
        assert [part.split("\n")[0] for part in parts.all_inner_texts()] == ["late", "size"]
        assert [parts.nth(at).locator(".bar").count() for at in (0, 1)] == [2, 3]
        opened.require_tidy()
        opened.picture(f"try-orders-{width}-{language}")


def test_a_table_has_columns_for_each_target(browser: Browser) -> None:
    with browser.opened() as opened:
        page = opened.go("orders/table")
        page.locator("textarea").fill("kilometres,items\n80,25\n3,2\n")
        page.get_by_role("button", name="Read the rows").click()
        page.get_by_role("button", name="Predict 2 rows").click()
        page.get_by_text("2 rows predicted").wait_for()
        header = page.locator("th.predicted").all_inner_texts()
        assert header == ["late: prediction", "late: probability", "size: prediction", "size: probability"]
        opened.require_tidy()
        opened.picture("table-orders-en")
        with page.expect_download() as download:
            page.get_by_role("button", name="Download as CSV").click()
        rows = list(csv.DictReader(io.StringIO(download.value.path().read_bytes().decode("utf-8-sig"), newline="")))
    assert [(row["late: prediction"], row["size: prediction"]) for row in rows] == [("yes", "large"), ("no", "small")]


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_if_varies_the_target_that_is_chosen(browser: Browser, language: str) -> None:
    with browser.opened(language=language) as opened:
        page = opened.go("orders/what-if")
        page.locator(".answer-choice").first.wait_for()
        page.get_by_role("radiogroup", name={"en": "Target", "es": "Objetivo"}[language]).get_by_label("size").check()
        page.locator(".legend", has_text="large").wait_for()
        assert set(page.locator(".legend").inner_text().split()) <= SIZES
        page.locator(".answer-choice").first.wait_for()
        opened.require_tidy()
        opened.picture(f"what-if-orders-{language}")


def test_a_file_to_train_on_needs_every_target(browser: Browser) -> None:
    with browser.opened() as opened:
        page = opened.go("orders/versions")
        rows = b"kilometres,items,late\n80,25,yes\n"
        page.locator("input[type=file]").set_input_files({"name": "r.csv", "mimeType": "text/csv", "buffer": rows})
        page.get_by_role("button", name="Train with 1 row").wait_for()
        assert "size" in page.locator(".note-warn").first.inner_text()
        assert "3 of 4" in page.locator("dl.facts").inner_text()
