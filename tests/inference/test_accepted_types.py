from __future__ import annotations

import pytest

from functions.inference.accepted_types import prefers_html


@pytest.mark.parametrize(
    "accept",
    [
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",  # Chrome, Firefox
        "text/html, application/xhtml+xml, image/jxr, */*",
        "text/html",
        "TEXT/HTML; q=0.9, application/json; q=0.8",
        "text/html,application/json",
    ],
)
def test_browsers_are_given_the_page(accept: str) -> None:
    assert prefers_html(accept)


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",  # curl, requests, httpx
        "application/json",
        "application/json, text/plain, */*",  # axios
        "application/json,text/html",
        "text/html;q=0.5, application/json",
        "text/html;q=0.5,application/*;q=0.6",
        "text/html;q=0",
        "text/html;q=x",
        "text/*",
        "text/html2",
    ],
)
def test_programs_are_given_json(accept: str) -> None:
    assert not prefers_html(accept)
