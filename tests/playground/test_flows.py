"""Each flow of the page on each example model, in both languages: a table, a batch, and a retraining.

One of them runs by default, all with pictures.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.playground.browser import IS_FULL, Browser, Opened, browser_running
from tools.serving import serving

ROWS = 60
TRAINED_ROWS = 600
QUESTIONS = "question;context\n" + "¿Cuánto paga?;La beca paga 900 pesos al mes.\n" * ROWS
MODELS = ("car-price", "churn", "project-tags", "becas")
WORDS = {
    "en": {
        "predict": f"Predict {ROWS} rows",
        "predicted": f"{ROWS} rows predicted",
        "download": "Download as CSV",
        "batch": "Predict as a batch",
        "whole": "Download all as one file",
        "train": f"Train with {TRAINED_ROWS} rows",
    },
    "es": {
        "predict": f"Predecir {ROWS} filas",
        "predicted": f"{ROWS} filas con predicción",
        "download": "Descargar como CSV",
        "batch": "Predecir como lote",
        "whole": "Descargar todo en un archivo",
        "train": f"Entrenar con {TRAINED_ROWS} filas",
    },
}
LOOKS = [(model, language) for model in MODELS for language in WORDS] if IS_FULL else [("churn", "es")]


@pytest.fixture(scope="module")
def browser(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser before a server of its own, as other tests count the versions of theirs."""
    own = tmp_path_factory.mktemp("flows")
    for name in ("models", "home"):
        shutil.copytree(folder / name, own / name)
    with serving(own, own / "home") as server, browser_running(server.url) as found:
        yield found


def table(model: str, rows: int, path: Path) -> Path:
    """The first rows of a sample, or as many questions, as a file."""
    if model == "becas":
        path.write_text(QUESTIONS, encoding="utf-8")
        return path
    with (ROOT / "models" / model / "sample.csv").open(encoding="utf-8", newline="") as sample:
        read = list(csv.reader(sample))[: rows + 1]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(read)
    return path


@contextmanager
def given(browser: Browser, view: str, language: str, file: Path) -> Iterator[Opened]:
    """The view, which was given the file."""
    with browser.opened(language=language) as opened:
        opened.go(view).locator("input[type=file]").set_input_files(file)
        yield opened


def rows_of(path: Path) -> list[list[str]]:
    text = path.read_bytes().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


@pytest.mark.parametrize(("model", "language"), LOOKS)
def test_a_table_is_predicted(browser: Browser, model: str, language: str, tmp_path: Path) -> None:
    words = WORDS[language]
    with given(browser, f"{model}/table", language, table(model, ROWS, tmp_path / "rows.csv")) as opened:
        page = opened.page
        page.get_by_role("button", name=words["predict"]).click()
        page.get_by_text(words["predicted"]).wait_for(timeout=60_000)
        with page.expect_download() as download:
            page.get_by_role("button", name=words["download"]).click()
        assert len(rows_of(download.value.path())) == ROWS
        opened.require_tidy()
        opened.picture(f"flow-table-{model}-{language}")


@pytest.mark.parametrize(("model", "language"), LOOKS)
def test_a_file_is_a_batch(browser: Browser, model: str, language: str, tmp_path: Path) -> None:
    words = WORDS[language]
    with given(browser, f"{model}/table", language, table(model, ROWS, tmp_path / "rows.csv")) as opened:
        page = opened.page
        page.get_by_role("button", name=words["batch"]).click()
        page.get_by_role("button", name=words["whole"]).wait_for(timeout=60_000)
        with page.expect_download() as download:
            page.get_by_role("button", name=words["whole"]).click()
        assert len(rows_of(download.value.path())) == ROWS
        opened.require_tidy()
        opened.picture(f"flow-batch-{model}-{language}")


@pytest.mark.parametrize(("model", "language"), [look for look in LOOKS if look[0] != "becas"])
def test_a_file_trains_a_version(browser: Browser, model: str, language: str, tmp_path: Path) -> None:
    rows = table(model, TRAINED_ROWS, tmp_path / "rows.csv")
    with given(browser, f"{model}/versions", language, rows) as opened:
        page = opened.page
        page.get_by_role("button", name=WORDS[language]["train"]).click()
        page.locator("table.comparison").wait_for(timeout=60_000)
        opened.require_tidy()
        opened.picture(f"flow-retrained-{model}-{language}")
