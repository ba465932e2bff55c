"""Versions: trained by a file, compared, promoted and rolled back."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT
from tests.playground.browser import Browser, require_accessible

SAMPLE = (ROOT / "models" / "car-price" / "sample.csv").read_text("utf-8").splitlines()


def test_a_file_trains_a_version_which_is_promoted_and_rolled_back(
    browser: Browser, http: httpx.Client, tmp_path: Path
) -> None:
    (tmp_path / "más coches.csv").write_text("\n".join(SAMPLE[:900]), encoding="utf-8")
    with browser.opened() as opened:
        page = opened.go("car-price/versions")
        page.locator("input[type=file]").set_input_files(tmp_path / "más coches.csv")
        page.get_by_role("button", name="Train with 899 rows").click()
        page.locator("table.comparison").wait_for(timeout=60_000)
        assert "Production" in page.locator("table.comparison").inner_text()
        # what is above the verdict is already as it is now
        page.get_by_text("Version 2 is in production").wait_for()
        assert "version 2" in page.locator(".head .chip-accent").inner_text()
        assert page.evaluate("() => document.activeElement.contains(document.querySelector('table.comparison'))")
        opened.require_tidy()
        opened.picture("retrained-car-price-en")
        page.reload()
        page.get_by_text("Version 2 is in production").wait_for()
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


@pytest.mark.parametrize(("language", "width", "dark"), [("en", 1280, False), ("es", 360, True)])
def test_a_file_is_shown_before_it_trains_anything(
    browser: Browser, http: httpx.Client, tmp_path: Path, language: str, width: int, dark: bool
) -> None:
    header, *rows = SAMPLE[:40]
    header = header.replace("fuel", "Fuel").replace("year", "año").replace("km_driven", "km-driven")
    rows[3] = rows[3].replace(rows[3].split(",")[2], "", 1)
    (tmp_path / "coches.csv").write_text(
        "\n".join([f"{header},notas", *(f"{row},<b>" for row in rows)]), encoding="utf-8"
    )
    before = http.get("/models/car-price/jobs").json()["data"]["total"]
    with browser.opened(language=language, width=width, dark=dark) as opened:
        page = opened.go("car-price/versions")
        page.locator("input[type=file]").set_input_files(tmp_path / "coches.csv")
        page.get_by_role("heading", name="coches.csv").wait_for()
        shown = page.locator("dl.facts").inner_text().split("\n")
        facts = [one.strip() for one in shown if one.strip()]
        found = dict(zip(facts[::2], facts[1::2], strict=True))
        words = {"en": ["Rows", "Columns found", "Read as", "Not used", "To be learned"]}
        words["es"] = ["Filas", "Columnas encontradas", "Leídas como", "No se usan", "Lo que se aprende"]
        values = [
            "39",
            {"en": "6 of 8", "es": "6 de 8"}[language],
            "Fuel → fuel",
            "año, km-driven, notas",
            "selling_price",
        ]
        assert {name: found[name] for name in words[language]} == dict(zip(words[language], values, strict=True))
        notes = page.locator(".note-warn").all_inner_texts()
        assert "year" in notes[0]
        assert notes[1].endswith("km-driven → km_driven")
        assert re.match(r"1 (row has no|fila no tiene)", notes[2])
        assert page.locator(".scroll tbody tr").count() >= 10
        opened.require_tidy()
        require_accessible(opened)
        opened.picture(f"preview-car-price-{width}-{language}")
        page.get_by_role("button", name={"en": "Another file", "es": "Otro archivo"}[language]).click()
        assert page.locator("input[type=file]").count() == 1
    assert http.get("/models/car-price/jobs").json()["data"]["total"] == before


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("rows.jsonl", b'{"tenure": 1, "churn": "no"}\n{"tenure": 2, "contract": null}\n', "Train with 2 rows"),
        ("rows.json", b'{"instances": [{"tenure": 1}]}', "Train with 1 row"),
        ("rows.csv.gz", gzip.compress(b"tenure;churn\n1;no\n", mtime=0), "Train with 1 row"),
        ("rows.csv.gz", b"no gzip", "Train with this file"),
        ("rows.json", b"[1, null", "Train with this file"),
    ],
)
def test_files_of_every_kind_are_shown_and_what_cannot_be_read_is_left_to_the_server(
    browser: Browser, name: str, body: bytes, words: str
) -> None:
    with browser.opened() as opened:
        page = opened.go("churn/versions")
        page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "text/plain", "buffer": body})
        page.get_by_role("button", name=words, exact=True).wait_for()
        opened.require_tidy()


def test_rows_that_are_refused_are_listed_with_their_places(browser: Browser, tmp_path: Path) -> None:
    lines = SAMPLE[:60]
    lines[5] = lines[5].replace("Manual", "<b>manual</b>").replace("Automatic", "<b>manual</b>")
    (tmp_path / "rows.csv").write_text("\n".join(lines), encoding="utf-8")
    with browser.opened(language="es") as opened:
        page = opened.go("car-price/versions")
        page.locator("input[type=file]").set_input_files(tmp_path / "rows.csv")
        page.get_by_role("button", name="Entrenar con 59 filas").click()
        page.locator(".chip-bad").first.wait_for(timeout=60_000)
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
