"""What if: the curve of a feature, and the features that move an answer most, as the API predicts them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.playground.browser import Browser

PREDICT = "**/models/car-price/predict"


def held_requests(page: Any, count: int, held: list[Any]) -> None:
    """Wait for `count` requests that the page's route holds back."""
    for _ in range(200):
        if len(held) == count:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{len(held)} requests, and not {count}")


def let_through(page: Any, route: Any) -> None:
    with page.expect_response(PREDICT):
        route.fallback()
    page.wait_for_timeout(300)  # whatever the page makes of the answer


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


def test_the_feature_that_was_chosen_last_stays_though_an_older_answer_comes_later(browser: Browser) -> None:
    held: list[Any] = []
    with browser.opened() as opened:
        page = opened.go("car-price/what-if")
        page.locator(".answer-choice").first.wait_for()
        page.route(PREDICT, lambda route: held.append(route))
        page.locator("#what-if-feature").select_option("year")
        page.locator("#what-if-feature").select_option("fuel")
        held_requests(page, 2, held)
        let_through(page, held[1])
        drawn = page.locator("section").first
        assert drawn.locator(".bars .bar").count() >= 2
        let_through(page, held[0])
        assert (drawn.locator(".bars .bar").count() >= 2, drawn.locator(".chart").count()) == (True, 0)


def test_a_feature_that_was_chosen_before_the_ranking_came_stays(browser: Browser) -> None:
    held: list[Any] = []
    with browser.opened() as opened:
        page = opened.go("car-price/try")
        page.route(PREDICT, lambda route: held.append(route))
        page.get_by_role("link", name="What if").click()
        held_requests(page, 1, held)
        page.locator("#what-if-feature").select_option("fuel")
        held_requests(page, 2, held)
        let_through(page, held[1])
        let_through(page, held[0])
        assert not page.locator(".answer-choice").first.inner_text().startswith("fuel")
        assert page.locator("#what-if-feature").input_value() == "fuel"
        assert page.locator("section").first.locator(".bars .bar").count() >= 2
        assert len(held) == 2


def test_models_of_texts_have_no_such_view(browser: Browser) -> None:
    with browser.opened() as opened:
        page = opened.go("project-tags/try")
        assert page.get_by_role("navigation").inner_text().split("\n") == ["Try it", "Table", "Versions"]
