"""Every view for every reader: axe-core finds nothing, nothing is cut off or overlaps, and the keyboard is enough."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from tests.playground.browser import IS_FULL, Browser, require_accessible

VIEWS = (
    "",
    "car-price/try",
    "churn/try",
    "becas/try",
    "project-tags/try",
    "visits/try",
    "orders/try",
    "visits/table",
    "becas/table",
    "churn/what-if",
    "car-price/what-if",
    "orders/what-if",
    "visits/versions",
    "becas/versions",
)
WIDTHS = (360, 768, 1440)


def looks() -> Iterator[tuple[str, int, bool, str]]:
    """Views, widths, colours and languages; without IS_FULL each view in two of the combinations."""
    ways = list(itertools.product(WIDTHS, (False, True), ("en", "es")))
    for at, view in enumerate(VIEWS):
        for width, dark, language in ways if IS_FULL else (ways[at % 12], ways[(7 * at + 3) % 12]):
            yield view, width, dark, language


@pytest.mark.parametrize(("view", "width", "dark", "language"), list(looks()))
def test_a_view_is_accessible_and_whole(browser: Browser, view: str, width: int, dark: bool, language: str) -> None:
    with browser.opened(language=language, width=width, dark=dark) as opened:
        page = opened.go(view)
        if view.endswith("/try"):
            page.locator("form button.button-primary").click()
            page.locator(".figure, .figure-label").first.wait_for()
            page.locator("summary").click()
        assert page.locator("html").get_attribute("lang") == language
        opened.require_tidy()
        require_accessible(opened)
        opened.picture(f"view-{view.replace('/', '-') or 'home'}-{width}-{'dark' if dark else 'light'}-{language}")


def test_dialogs_are_accessible(browser: Browser) -> None:
    with browser.opened() as opened:
        page = opened.go("")
        page.get_by_role("button", name="Enter token").click()
        require_accessible(opened)
        page.keyboard.press("Escape")
        assert page.locator("dialog").count() == 0


def test_a_row_is_predicted_by_the_keyboard_alone(browser: Browser) -> None:
    with browser.opened() as opened:
        page = opened.go("")
        page.locator(".card").first.wait_for()
        page.keyboard.press("Tab")
        assert page.evaluate("() => document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        assert page.evaluate("() => document.activeElement.textContent") == "car-price"
        page.keyboard.press("Enter")
        page.get_by_label("name", exact=True).focus()
        page.keyboard.press("Enter")
        page.locator(".figure").wait_for()


def test_the_language_is_switched_and_remembered(browser: Browser) -> None:
    with browser.opened(language="de-DE") as opened:
        page = opened.go("churn/try")
        assert page.locator("html").get_attribute("lang") == "en"
        # a reader of another language keeps the own decimals
        assert page.get_by_label("monthlycharges", exact=True).input_value() == "61,4"
        page.get_by_label("tenure", exact=True).fill("7")
        page.get_by_label("Español").check()
        page.get_by_role("button", name="Predecir", exact=True).wait_for()
        assert page.get_by_label("tenure", exact=True).input_value() == "7"
        page.reload()
        opened.settle()
        page.get_by_role("button", name="Predecir", exact=True).wait_for()


def test_the_page_is_what_a_browser_gets_at_the_root(browser: Browser) -> None:
    with browser.opened() as opened:
        opened.page.goto(opened.url)
        opened.page.get_by_role("link", name="Try churn").wait_for()
        assert opened.troubles == []
