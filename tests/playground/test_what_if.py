"""What if: the curve of a feature, and the features that move an answer most, as the API predicts them."""

from __future__ import annotations

import httpx
import pytest

from tests.playground.browser import Browser


def test_the_largest_change_is_the_one_that_the_api_gives(browser: Browser, http: httpx.Client) -> None:
    example = http.get("/models/car-price/schema").json()["data"]["example"]
    with browser.opened() as opened:
        page = opened.go("car-price/what-if")
        page.locator(".answer-choice").first.wait_for()
        name, _, rest = page.locator(".answer-choice").first.inner_text().partition(" → ")
        value, shown = rest.split("\n")[:2]
        opened.require_tidy()
        opened.picture("what-if-car-price-en")
    now, then = http.post("/models/car-price/predict", json=[example, {**example, name: int(value)}]).json()["data"][
        "predictions"
    ]
    assert shown == f"{'+' if then > now else chr(0x2212)}{abs(round(then - now, 2)):,}".removesuffix(".0")


@pytest.mark.parametrize("language", ["en", "es"])
def test_numbers_levels_and_days_are_drawn_for_a_classification(browser: Browser, language: str) -> None:
    with browser.opened(language=language) as opened:
        page = opened.go("visits/what-if")
        for feature, drawn in (
            ("price", ".chart .line"),
            ("barrio", ".bars .bar"),
            ("arrived", ".chart .line"),
            ("smoker", ".bars .bar"),
        ):
            page.locator("#what-if-feature").select_option(feature)
            page.wait_for_timeout(50)
            opened.settle()
            assert page.locator("section").first.locator(drawn).count() >= 2, feature
            opened.require_tidy()
        opened.picture(f"what-if-visits-{language}")


def test_a_press_on_a_feature_draws_it(browser: Browser) -> None:
    with browser.opened() as opened:
        page = opened.go("churn/what-if")
        choice = page.locator(".answer-choice", has_text="contract")
        choice.wait_for()
        choice.click()
        assert page.locator("#what-if-feature").input_value() == "contract"


def test_models_of_texts_have_no_such_view(browser: Browser) -> None:
    with browser.opened() as opened:
        page = opened.go("project-tags/try")
        assert page.get_by_role("navigation").inner_text().split("\n") == ["Try it", "Table", "Versions"]
