"""One row, text or question at a time: the form, the prediction, warnings, faults, and the request as programs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.clients.programs import program
from tests.conftest import ROOT
from tests.playground.browser import Browser
from tests.playground.visits import MARKUP

PREDICT = {"en": "Predict", "es": "Predecir"}
SHOWN = {
    ("car-price", "en"): "353,058.51",
    ("car-price", "es"): "353.058,51",
    ("churn", "en"): "96.1%",
    ("churn", "es"): "96,1\N{NO-BREAK SPACE}%",
    ("project-tags", "en"): "natural-language-processing",
    ("project-tags", "es"): "natural-language-processing",
}


@pytest.mark.parametrize(("model", "language"), SHOWN)
def test_the_example_is_filled_in_and_predicted_in_both_languages(browser: Browser, model: str, language: str) -> None:
    with browser.opened(language=language) as opened:
        page = opened.go(f"{model}/try")
        page.get_by_role("button", name=PREDICT[language], exact=True).click()
        page.locator(".figure, .figure-label").wait_for()
        assert SHOWN[model, language] in opened.text()
        opened.require_tidy()
        opened.picture(f"try-{model}-{language}")


def test_decimals_are_read_as_the_reader_writes_them(browser: Browser) -> None:
    sent = []
    with browser.opened(language="es") as opened:
        page = opened.go("churn/try")
        page.on("request", lambda request: request.method == "POST" and sent.append(json.loads(request.post_data)))
        assert page.get_by_label("monthlycharges", exact=True).input_value() == "61,4"
        page.get_by_label("monthlycharges", exact=True).fill("1.077,5")
        page.get_by_role("button", name="Predecir", exact=True).click()
        page.locator(".figure-label").wait_for()
        assert sent[0]["monthlycharges"] == 1077.5
        note = page.locator(".field", has_text="monthlycharges").locator(".note-warn").inner_text()
        assert re.search(r"van de [\d,]+ a [\d,]+", note)
        assert "1 valor poco habitual" in opened.text()


def test_a_fault_is_shown_at_its_field_which_gets_the_focus(browser: Browser) -> None:
    with browser.opened() as opened:
        page = opened.go("car-price/try")
        page.get_by_label("km_driven").first.fill("-3")
        page.get_by_label("name", exact=True).fill("")
        page.get_by_role("button", name="Predict", exact=True).click()
        page.locator(".note-bad.note-large").wait_for()
        assert "2 values need another look" in opened.text()
        name = page.locator(".field", has_text="Brand, model and trim")
        assert name.locator(".note-bad").inner_text() == "This value is needed."
        assert (
            page.locator(".field", has_text="km_driven").locator(".note-bad").inner_text() == "This must be at least 0."
        )
        assert page.evaluate("() => document.activeElement.getAttribute('aria-invalid')") == "true"
        page.get_by_label("name", exact=True).fill("Maruti")
        assert name.locator(".note-bad").count() == 0


def test_a_text_where_a_number_belongs_is_not_sent(browser: Browser) -> None:
    with browser.opened() as opened:
        page = opened.go("car-price/try")
        page.get_by_label("year", exact=True).fill("soon")
        page.get_by_role("button", name="Predict", exact=True).click()
        assert page.locator(".field", has_text="year").locator(".note-bad").inner_text() == "This is not a number."


def test_the_slider_and_another_value_reach_the_model(browser: Browser) -> None:
    sent = []
    with browser.opened() as opened:
        page = opened.go("car-price/try")
        page.on("request", lambda request: request.method == "POST" and sent.append(json.loads(request.post_data)))
        page.get_by_label("year, in the range of the training rows").fill("2016")
        page.get_by_label("fuel", exact=False).first.select_option(label="Another value…")
        page.get_by_label("fuel: Another value…").fill("Hydrogen")
        page.get_by_role("button", name="Predict", exact=True).click()
        page.locator(".figure").wait_for()
        assert (sent[0]["year"], sent[0]["fuel"]) == (2016, "Hydrogen")
        assert "“Hydrogen” was never seen in training." in opened.text()
        page.get_by_label("fuel: Another value…").fill("Dieseel")
        page.get_by_role("button", name="Predict", exact=True).click()
        page.get_by_text("“Dieseel” was never seen in training. Did you mean “Diesel”?").first.wait_for()


def test_every_type_of_column_is_sent_as_the_model_takes_it(browser: Browser, http: httpx.Client) -> None:
    sent = []
    example = http.get("/models/visits/schema").json()["data"]["example"]
    with browser.opened(language="es") as opened:
        page = opened.go("visits/try")
        page.on("request", lambda request: request.method == "POST" and sent.append(json.loads(request.post_data)))
        page.get_by_role("button", name="Predecir", exact=True).click()
        page.locator(".figure-label").wait_for()
        assert MARKUP in opened.text()
        assert {**sent[0], "booked_at": ""} == {**example, "booked_at": ""}
        assert sent[0]["booked_at"].startswith(example["booked_at"][:16])
        opened.require_tidy()
        opened.picture("try-visits-es")


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_answer_is_marked_in_its_context_by_code_points(browser: Browser, language: str) -> None:
    context = "😀 La beca paga 900 pesos al mes para el transporte."
    with browser.opened(language=language) as opened:
        page = opened.go("becas/try")
        page.get_by_label("context").fill(context)
        page.get_by_role("button", name={"en": "Answer", "es": "Responder"}[language], exact=True).click()
        page.locator("mark").wait_for()
        assert page.locator(".figure-label").inner_text() == page.locator("mark").inner_text()
        assert "900 pesos" in page.locator("mark").inner_text()
        assert page.locator(".context").inner_text() == context
        choices = page.locator(".answer-choice")
        assert choices.count() == 3
        choices.nth(1).click()
        assert choices.nth(1).inner_text().startswith(page.locator("mark").inner_text())
        opened.require_tidy()
        opened.picture(f"try-becas-{language}")


def test_the_request_as_curl_gives_the_prediction_of_the_page(browser: Browser) -> None:
    curl = program("curl")
    with browser.opened() as opened:
        page = opened.go("car-price/try")
        page.get_by_label("name", exact=True).fill("O'Brien's \"Swift\" $HOME `id` \\ é")
        page.get_by_text("The same request as a program").click()
        assert page.get_by_role("radiogroup", name="Language of the program").get_by_role("radio").count() == 7
        command = page.locator("pre").inner_text()
        page.get_by_role("button", name="Predict", exact=True).click()
        shown = page.locator(".figure").inner_text()
    assert command.startswith("curl ")
    done = subprocess.run(
        ["sh", "-c", command.replace("curl ", f"{curl} --silent ", 1)], capture_output=True, text=True
    )
    assert f"{json.loads(done.stdout)['data']['predictions'][0]:,.2f}".rstrip("0").rstrip(".") == shown


def test_a_changed_form_says_that_its_prediction_is_of_before(browser: Browser) -> None:
    with browser.opened() as opened:
        page = opened.go("car-price/try")
        page.get_by_role("button", name="Predict", exact=True).click()
        page.locator(".figure").wait_for()
        page.get_by_label("year", exact=True).fill("2015")
        page.get_by_text("The form has changed since this prediction.").wait_for()


def test_the_chosen_program_stays_chosen_while_the_form_changes(browser: Browser) -> None:
    with browser.opened() as opened:
        page = opened.go("car-price/try")
        page.get_by_text("The same request as a program").click()
        page.get_by_label("Python client", exact=True).check()
        page.get_by_label("year", exact=True).fill("2011")
        assert page.locator("pre").inner_text().startswith("from despliegue_client import Client")
        assert '"year": 2011' in page.locator("pre").inner_text()
        assert page.get_by_role("link", name="openapi.json").get_attribute("href") == f"{opened.url}/openapi.json"


def test_the_program_for_the_client_gives_the_prediction_of_the_page(browser: Browser, tmp_path: Path) -> None:
    with browser.opened() as opened:
        page = opened.go("car-price/try")
        page.get_by_text("The same request as a program").click()
        page.get_by_label("Python client", exact=True).check()
        (tmp_path / "program.py").write_text(page.locator("pre").inner_text(), encoding="utf-8")
        page.get_by_role("button", name="Predict", exact=True).click()
        shown = page.locator(".figure").inner_text()
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "client" / "src")}
    printed = subprocess.check_output([sys.executable, tmp_path / "program.py"], env=environment, text=True)
    assert f"{float(printed):,.2f}" == shown
