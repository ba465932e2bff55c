"""Addresses to which webhooks can post."""

from __future__ import annotations

import pytest

from functions.core.webhook_address import is_webhook_address

SENDABLE = (
    "https://example.org",
    "http://localhost:8000/hook",
    "https://example.org:8443/a%C3%B1o?team=ml",
    "https://xn--ejemplo--9za.es/h",
    "https://[::1]/",
)
UNSENDABLE = (
    "https://example.org:99999/",
    "https://example.org:abc/",
    "https://x:0/",
    "https://[::1/",
    "https://example.org/ñ",
    "https://ejemplo-ñ.es/h",
    "https://example.org/a b",
    "https://example..org/",
    f"https://{'a' * 64}.org/",
)
"""Addresses that no request can be made of, which would show at the first announcement."""


@pytest.mark.parametrize("url", SENDABLE)
def test_an_address_has_a_scheme_a_host_and_maybe_a_port(url: str) -> None:
    assert is_webhook_address(url)


@pytest.mark.parametrize("url", ["", "ftp://example.org", "example.org/hook", "https://", "file:///etc/passwd"])
def test_other_places_are_no_addresses(url: str) -> None:
    assert not is_webhook_address(url)


@pytest.mark.parametrize("url", UNSENDABLE)
def test_what_no_request_can_be_made_of_is_no_address(url: str) -> None:
    assert not is_webhook_address(url)


def test_a_name_and_a_password_are_refused_because_they_would_not_be_sent() -> None:
    assert not is_webhook_address("https://ana:hidden@example.org/hook")


def test_a_deployment_takes_https_alone() -> None:
    assert is_webhook_address("https://example.org", schemes=frozenset({"https"}))
    assert not is_webhook_address("http://example.org", schemes=frozenset({"https"}))
