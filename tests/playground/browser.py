"""The page in Chromium, with the network cut off from everything but the server."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.clients.programs import chromium

OPTIONS = ["--no-sandbox", "--disable-dev-shm-usage"]
PICTURES = os.environ.get("DESPLIEGUE_PICTURES")
"""A folder for pictures of what the tests see: DESPLIEGUE_PICTURES=pictures python -m pytest tests/playground"""
IS_FULL = PICTURES is not None
"""Whether to look at every size, colour and language, and not at a sample of them."""
LOCALES = {"en": "en-GB", "es": "es-ES"}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LEAST_TEXT_PIXELS = 9
TOO_SMALL = """(least) => [...document.querySelectorAll('#app *')].filter((one) => {
    const isText = [...one.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim());
    const scale = one.ownerSVGElement ? one.ownerSVGElement.getScreenCTM().a : 1;
    return isText && one.checkVisibility() && parseFloat(getComputedStyle(one).fontSize) * scale < least;
}).map((one) => one.textContent.slice(0, 60))"""
CUT_OFF = """() => [...document.querySelectorAll('#app *')].filter((one) => {
    const style = getComputedStyle(one);
    const scrolls = (way) => ['auto', 'scroll'].includes(style[way]);
    const isWide = one.scrollWidth > one.clientWidth + 1 && !scrolls('overflowX') && one.clientWidth > 0;
    const isHidden = one.closest('.hidden-visually, svg, [hidden], .cut') || style.display === 'inline';
    return isWide && !isHidden && !['INPUT', 'SELECT', 'TEXTAREA', 'OPTION', 'DATALIST'].includes(one.tagName);
}).map((one) => `${one.tagName}.${one.className}: ${one.textContent.slice(0, 60)}`)"""
OVERLAPS = """() => {
    const boxes = [...document.querySelectorAll('#app button, #app a, #app input, #app select, #app textarea, #app h1')]
        .filter((one) => one.checkVisibility() && !one.closest('.hidden-visually, .skip, .choice, .actions-bar'))
        .map((one) => [one, one.getBoundingClientRect()]).filter(([, box]) => box.width > 0 && box.height > 0);
    const found = [];
    boxes.forEach(([one, a], at) => boxes.slice(at + 1).forEach(([other, b]) => {
        const isWithin = one.contains(other) || other.contains(one);
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (!isWithin && across > 1 && down > 1) found.push(`${one.textContent} / ${other.textContent}`);
    }));
    return found;
}"""


@dataclass(slots=True)
class Opened:
    """A page, with what went wrong in it: requests to others, and errors of its own."""

    page: Any
    url: str
    troubles: list[str] = field(default_factory=list)

    def go(self, place: str) -> Any:
        """Open a view, such as `car-price/table`."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.url}/playground#/{place}")
        self.settle()
        return self.page

    def settle(self) -> None:
        self.page.wait_for_function("() => document.querySelector('h1') && !document.querySelector('.waiting')")

    def text(self) -> str:
        return str(self.page.locator("#page").inner_text())

    def require_tidy(self) -> None:
        """Nothing is cut off, too small to read or over another thing that can be pressed, and nothing went wrong."""
        page = self.page
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth + 1"), (
            "the page scrolls sideways"
        )
        assert page.evaluate(CUT_OFF) == []
        assert page.evaluate(TOO_SMALL, LEAST_TEXT_PIXELS) == []
        assert page.evaluate(OVERLAPS) == []
        assert self.troubles == []

    def picture(self, name: str) -> None:
        if PICTURES is not None:
            Path(PICTURES).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@dataclass(frozen=True, slots=True)
class Browser:
    """Chromium, for pages of a server."""

    chromium: Any
    url: str

    @contextmanager
    def opened(
        self,
        *,
        language: str = "en",
        width: int = 1280,
        dark: bool = False,
        url: str | None = None,
        others: Sequence[str] = (),
    ) -> Iterator[Opened]:
        """A page of the server, or of the one at `url`, with the network cut off from all else.

        It may also ask the origins `others`. Then requests elsewhere are noted and not cut off, because Playwright
        itself answers what a browser asks another origin first wherever it stops requests.
        """
        origin = url or self.url
        context = self.chromium.new_context(
            locale=LOCALES.get(language, language),
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
        )
        page = context.new_page()
        page.set_default_timeout(20_000)
        opened = Opened(page, origin)
        if others:
            context.on("request", lambda one: _is_known((origin, *others), one, opened.troubles))
        else:
            context.route("**/*", lambda route: _only(origin, route, opened.troubles))
        page.on("pageerror", lambda error: opened.troubles.append(f"error: {error}"))
        page.on("console", lambda message: _note(message, opened.troubles))
        try:
            yield opened
        finally:
            context.close()


def require_accessible(opened: Opened) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(opened.page, options={"runOnly": RULES, "resultTypes": ["violations"]})
    faults: list[Any] = found.response["violations"]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in faults] == []


@contextmanager
def browser_running(url: str) -> Iterator[Browser]:
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium(), args=OPTIONS)
        yield Browser(found, url)
        found.close()


def _only(origin: str, route: Any, troubles: list[str]) -> None:
    if _is_known([origin], route.request, troubles):
        route.fallback()
    else:
        route.abort()


def _is_known(origins: Sequence[str], request: Any, troubles: list[str]) -> bool:
    is_known = str(request.url).startswith((*(f"{one}/" for one in origins), "blob:", "data:", "about:"))
    if not is_known:
        troubles.append(f"a request to another host: {request.url}")
    return is_known


def _note(message: Any, troubles: list[str]) -> None:
    # a refused value is logged by the browser itself
    if message.type == "error" and "the server responded with a status of" not in message.text:
        troubles.append(f"console: {message.text}")
