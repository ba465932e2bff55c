"""Versions: trained by a file, compared, promoted and rolled back."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.conftest import ROOT
from tests.playground.browser import Browser

SAMPLE = (ROOT / "models" / "car-price" / "sample.csv").read_text("utf-8").splitlines()


def test_a_file_trains_a_version_which_is_promoted_and_rolled_back(
    browser: Browser, http: httpx.Client, tmp_path: Path
) -> None:
    (tmp_path / "más coches.csv").write_text("\n".join(SAMPLE[:900]), encoding="utf-8")
    with browser.opened() as opened:
        page = opened.go("car-price/versions")
        page.locator("input[type=file]").set_input_files(tmp_path / "más coches.csv")
        page.get_by_role("button", name="See the versions").wait_for(timeout=60_000)
        verdict = opened.text()
        assert "in production" in verdict
        assert "Production" in page.locator("table.comparison").inner_text()
        opened.require_tidy()
        opened.picture("retrained-car-price-en")
        page.get_by_role("button", name="See the versions").click()
        page.get_by_text("Version 2 is in production").wait_for()
        opened.settle()
        assert page.locator(".chart .dot, .chart .dot-full").count() == 2
        opened.picture("versions-car-price-en")
        page.get_by_role("button", name="Roll back to version 1").click()
        dialog = page.locator("dialog")
        assert "made by version 1 instead of version 2" in dialog.inner_text()
        opened.require_tidy()
        opened.picture("roll-back-car-price-en")
        dialog.get_by_label("Pin it").check()
        dialog.get_by_role("button", name="Put version 1 in production").click()
        page.get_by_text("Version 1 is in production").wait_for()
    [last, *_] = http.get("/models/car-price/history").json()["data"]["history"]
    assert (last["version"], last["previous"], last["pinned"]) == (1, 2, True)


def test_rows_that_are_refused_are_listed_with_their_places(browser: Browser, tmp_path: Path) -> None:
    lines = SAMPLE[:60]
    lines[5] = lines[5].replace("Manual", "<b>manual</b>").replace("Automatic", "<b>manual</b>")
    (tmp_path / "rows.csv").write_text("\n".join(lines), encoding="utf-8")
    with browser.opened(language="es") as opened:
        page = opened.go("car-price/versions")
        page.locator("input[type=file]").set_input_files(tmp_path / "rows.csv")
        page.get_by_role("button", name="Otro archivo").wait_for(timeout=60_000)
        assert page.locator(".chip-bad").first.inner_text() == "filas rechazadas"
        assert "<b>manual</b>" in page.locator(".scroll", has_text="Fallo").inner_text()
        opened.require_tidy()


def test_a_file_of_another_kind_is_not_sent(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "rows.xlsx").write_bytes(b"PK")
    with browser.opened() as opened:
        page = opened.go("churn/versions")
        page.locator("input[type=file]").set_input_files(tmp_path / "rows.xlsx")
        assert "ends in .csv, .json or .jsonl" in page.get_by_role("alert").inner_text()


def test_a_model_that_is_trained_elsewhere_takes_no_file(browser: Browser) -> None:
    with browser.opened() as opened:
        page = opened.go("becas/versions")
        assert "trained elsewhere" in opened.text()
        assert page.locator("input[type=file]").count() == 0
