"""The address and the token: where they come from, and what never shows."""

from __future__ import annotations

from typing import Any

import pytest
from despliegue_client.errors import SettingsError
from despliegue_client.settings import Settings, read_settings

SECRET = "s3cret-token"  # noqa: S105  no token of anything


def read(url: str | None = None, token: str | None = None, **environment: str) -> Settings:
    return read_settings(url, token, retry_seconds=1, concurrency=4, environment=environment)


def test_arguments_count_before_variables() -> None:
    both = {"DESPLIEGUE_URL": "https://a.example/", "DESPLIEGUE_TOKEN": "of-variable"}
    assert read(**both).base_url == "https://a.example"
    assert read(**both).headers() == {"Authorization": "Bearer of-variable"}
    given = read("http://127.0.0.1:8000/ml/", SECRET, **both)
    assert (given.base_url, given.token) == ("http://127.0.0.1:8000/ml", SECRET)
    assert read("http://localhost").headers() == {}


def test_no_repr_has_the_token() -> None:
    assert SECRET not in repr(read("http://localhost", SECRET))


@pytest.mark.parametrize("token", [f"{SECRET}\n", f"{SECRET} x", f"{SECRET}é"])
def test_a_token_that_no_header_can_hold_is_refused_without_being_shown(token: str) -> None:
    with pytest.raises(SettingsError, match="copy it again") as caught:
        read("http://localhost", token)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        *("localhost:8000", "ftp://a", "https://", "https://a.example?x=1", "https://a#b"),
        *("http://[::1", "http://a:eight", "http://a:99999"),
    ],
)
def test_what_is_no_base_url_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="no base URL"):
        read(url)


def test_a_password_in_the_base_url_is_refused_without_being_shown() -> None:
    with pytest.raises(SettingsError, match="give a token instead") as caught:
        read(f"https://ana:{SECRET}@a.example")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("url", [f"https://ana:{SECRET}@[::1", f"https://ana:{SECRET}/x@a.example"])
def test_an_address_that_cannot_be_read_is_refused_without_showing_its_password(url: str) -> None:
    with pytest.raises(SettingsError, match="this address is no base URL, such as https://") as caught:
        read(url)
    assert SECRET not in str(caught.value)


def test_without_an_address_the_variable_is_named() -> None:
    with pytest.raises(SettingsError, match="set DESPLIEGUE_URL"):
        read()


@pytest.mark.parametrize("name", ["concurrency", "rows_per_request"])
def test_fewer_than_one_at_a_time_is_refused(name: str) -> None:
    numbers: dict[str, Any] = {"concurrency": 4, name: 0}
    with pytest.raises(SettingsError, match=f"{name} is at least 1, not 0"):
        read_settings("http://localhost", None, retry_seconds=1, environment={}, **numbers)
