"""A table of rows: read, predicted in parts, shown beside its predictions, sorted and downloaded."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import ROOT
from tests.playground.browser import Browser, Opened
from tests.playground.visits import MARKUP, RIGHT_TO_LEFT, SCRIPT

SAMPLE = (ROOT / "models" / "car-price" / "sample.csv").read_text("utf-8").splitlines()


def pasted(opened: Opened, text: str, read: str) -> None:
    opened.page.locator("textarea").fill(text)
    opened.page.get_by_role("button", name=read).click()


def downloaded(opened: Opened, words: str, folder: Path) -> list[dict[str, str]]:
    with opened.page.expect_download() as download:
        opened.page.get_by_role("button", name=words).click()
    download.value.save_as(folder / "predictions.csv")
    text = (folder / "predictions.csv").read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if ";" in text.splitlines()[0] else ","))


def unpacked(page: Any, link: Any, file: Path) -> str:
    with page.expect_download() as download:
        link.click()
    download.value.save_as(file)
    return gzip.decompress(file.read_bytes()).decode("utf-8-sig")


def test_the_rows_of_a_file_are_predicted_as_the_api_predicts_them(
    browser: Browser, http: httpx.Client, tmp_path: Path
) -> None:
    lines = SAMPLE[:1102]
    lines[3] = lines[3].replace("Manual", "Manuel")
    header, *others = lines
    (tmp_path / "cars.csv").write_text("\n".join([header, "", *others]), encoding="utf-8")
    with browser.opened() as opened:
        page = opened.go("car-price/table")
        page.locator("input[type=file]").set_input_files(tmp_path / "cars.csv")
        page.get_by_text("selling_price").first.wait_for()
        page.get_by_role("button", name="Predict 1,101 rows").click()
        page.get_by_text("1,100 rows predicted").wait_for()
        opened.require_tidy()
        opened.picture("table-car-price-en")
        rows = downloaded(opened, "Download as CSV", tmp_path)
        page.get_by_label("Not predicted (1)").check()
        assert page.locator("tbody tr").count() == 1
        assert page.locator("tbody tr td").first.inner_text() == "5"
        assert "This is not one of the values: Manual" in page.locator("td.faulty").last.inner_text()
    assert [row["name"] for row in rows] == [row["name"] for row in csv.DictReader(lines)]
    assert [at for at, row in enumerate(rows) if row["errors"]] == [2]
    wanted = [
        {**row, "year": int(row["year"]), "km_driven": int(row["km_driven"]) if row["km_driven"] else None}
        for row in rows[10:40]
    ]
    names = http.get("/models/car-price").json()["data"]["schema"]["properties"]
    body = [{name: row[name] or None for name in names} for row in wanted]
    predictions = http.post("/models/car-price/predict", json=body).json()["data"]["predictions"]
    assert [float(row["prediction"]) for row in rows[10:40]] == predictions


def test_rows_are_sorted_by_what_was_predicted(browser: Browser) -> None:
    with browser.opened() as opened:
        page = opened.go("car-price/table")
        pasted(opened, "\n".join(SAMPLE[:90]), "Read the rows")
        page.get_by_role("button", name="Predict 89 rows").click()
        page.get_by_role("button", name="prediction").click()
        numbers = [float(one.replace(",", "")) for one in page.locator("tbody td.predicted").all_inner_texts()]
        assert len(numbers) == 50
        assert numbers == sorted(numbers, reverse=True)
        assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"
        page.get_by_role("button", name="Next").click()
        assert page.locator("tbody tr").count() == 39


def test_a_spanish_sheet_with_markup_in_it_is_read_and_shown_as_it_is(
    browser: Browser, folder: Path, tmp_path: Path
) -> None:
    with browser.opened(language="es") as opened:
        page = opened.go("visits/table")
        page.locator("input[type=file]").set_input_files(folder / "visits.csv")
        page.locator("dd", has_text="punto y coma").wait_for()
        page.get_by_role("button", name="Predecir 240 filas").click()
        page.get_by_text("240 filas con predicción").wait_for()
        shown = page.locator("table").inner_text()
        assert MARKUP in shown
        assert SCRIPT in shown
        assert RIGHT_TO_LEFT in shown
        assert page.title() == "visits \N{EN DASH} Despliegue"
        opened.require_tidy()
        opened.picture("table-visits-es")
        rows = downloaded(opened, "Descargar como CSV", tmp_path)
        assert {row["prediction"] for row in rows} == {"yes", "no"}
        assert all("," in row["score"] and "," in row["price"] for row in rows)


def test_a_table_without_a_needed_column_is_refused_by_its_header(browser: Browser) -> None:
    with browser.opened() as opened:
        page = opened.go("car-price/table")
        pasted(opened, "name;year\nMaruti;2014", "Read the rows")
        assert "seller_type, transmission" in page.get_by_role("alert").inner_text()


def test_a_file_is_predicted_as_a_batch_and_its_results_are_downloaded(browser: Browser, tmp_path: Path) -> None:
    lines = SAMPLE[:62]
    lines[7] = lines[7].replace("Manual", "<b>").replace("Automatic", "<b>")
    (tmp_path / "coches de mayo.csv").write_text("\n".join(lines), encoding="utf-8")
    with browser.opened(language="es") as opened:
        page = opened.go("car-price/table")
        page.locator("input[type=file]").set_input_files(tmp_path / "coches de mayo.csv")
        page.get_by_role("button", name="Predecir como lote").click()
        page.get_by_text("Filas rechazadas").wait_for(timeout=60_000)
        assert "60 de 61 filas, 1 rechazada" in opened.text()
        opened.require_tidy()
        opened.picture("batch-car-price-es")
        parts = page.locator("a[download*=csv]").all()
        text = "".join(unpacked(page, part, tmp_path / "results.csv.gz") for part in parts)
        with page.expect_download() as download:
            page.get_by_role("button", name="Descargar todo en un archivo").click()
        download.value.save_as(tmp_path / "results.csv")
        assert (tmp_path / "results.csv").read_bytes().decode("utf-8-sig") == text
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert len(rows) == 60
        assert all(float(row["prediction"]) > 0 for row in rows)
        page.get_by_role("button", name="Otra tabla").click()
        page.get_by_role("button", name="Ver", exact=True).first.click()
        page.get_by_role("heading", name="coches-de-mayo.csv").wait_for()


def test_a_file_with_tabs_is_a_batch_too(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "mayo.tsv").write_text("\n".join(SAMPLE[:6]).replace(",", "\t"), encoding="utf-8")
    with browser.opened() as opened:
        page = opened.go("car-price/table")
        page.locator("input[type=file]").set_input_files(tmp_path / "mayo.tsv")
        page.get_by_role("button", name="Predict as a batch").click()
        # the first file that is not plain waits for the libraries of training
        page.locator("a[download]").first.wait_for(timeout=240_000)
        assert "5 of 5 rows" in opened.text()
        assert page.get_by_role("heading", name="mayo.csv").is_visible()


def test_the_columns_that_a_batch_would_not_find_are_named_beside_its_button(browser: Browser) -> None:
    with browser.opened() as opened:
        page = opened.go("car-price/table")
        pasted(opened, "\n".join([SAMPLE[0].replace("km_driven", "km-driven"), *SAMPLE[1:4]]), "Read the rows")
        page.get_by_role("button", name="Predict as a batch").wait_for()
        assert page.locator(".note-warn").inner_text().endswith("km-driven → km_driven")
        opened.require_tidy()
        page.get_by_role("button", name="Predict 3 rows").click()
        page.get_by_text("3 rows predicted").wait_for()
        page.get_by_role("button", name="Another table").click()
        pasted(opened, "\n".join(SAMPLE[:4]), "Read the rows")
        page.get_by_role("button", name="Predict as a batch").wait_for()
        assert page.locator(".note-warn").count() == 0


def test_a_batch_of_parquet_is_one_file_as_it_is(browser: Browser, http: httpx.Client, tmp_path: Path) -> None:
    example = http.get("/models/churn/schema").json()["data"]["example"]
    sent = http.post("/models/churn/batches", json={"instances": [example], "output": "parquet"})
    assert sent.status_code == 202, sent.text
    with browser.opened() as opened:
        page = opened.go("churn/table")
        page.get_by_role("button", name="Show", exact=True).first.click()
        page.locator("a[download]").first.wait_for(timeout=60_000)
        assert page.get_by_role("button", name="Download all as one file").count() == 0
        assert "gzip" not in opened.text()
        assert "header" not in opened.text()
        opened.require_tidy()
        with page.expect_download() as download:
            page.locator("a[download]").click()
        download.value.save_as(tmp_path / "predictions.parquet")
    assert (tmp_path / "predictions.parquet").read_bytes()[:4] == b"PAR1"


@pytest.mark.parametrize(
    ("model", "text"),
    [
        ("project-tags", "text\nA chatbot\nUn detector de objetos"),
        ("becas", "question;context\n¿Cuánto?;Paga 900 pesos."),
    ],
)
def test_texts_and_questions_come_in_tables_too(browser: Browser, model: str, text: str) -> None:
    rows = text.count("\n")
    with browser.opened() as opened:
        page = opened.go(f"{model}/table")
        pasted(opened, text, "Read the rows")
        page.get_by_role("button", name=f"Predict {rows} row").click()
        page.get_by_text(f"{rows} row{'s' if rows > 1 else ''} predicted").wait_for()
        assert page.locator("tbody tr").count() == rows
