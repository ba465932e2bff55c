"""Requests by names that are the server's own, and by names of strangers."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import pytest

from functions.core.definition import Definition
from functions.local.application import local_application
from functions.local.home import Home
from functions.local.own_hosts import is_loopback, names_of
from tests.conftest import Connect

STRANGERS = [
    "rebind.evil.example:8860",
    "evil.example",
    "127.0.0.1.evil.example",
    "1.2.3",
    "[evil]",
    "::1",
    "10.0.0.1.x",
]
ADDRESSES = ["0.0.0.0:8000", "10.1.2.3:8000", "192.168.0.7", "[fd00::7]:8000", "[::]"]


@pytest.fixture(scope="module")
def elsewhere(trained_home: Home, definitions: Mapping[str, Definition], connect: Connect) -> httpx.Client:
    """A server that other machines reach, with names of its own; nothing may be written through it."""
    names = ["Models.example.org", "despliegue"]
    application = local_application(trained_home, definitions, base_url="http://0.0.0.0:8000", allowed_hosts=names)
    return connect(application)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/models"), ("PUT", "/models/churn/production"), ("GET", "/docs")]
)
@pytest.mark.parametrize("host", [*STRANGERS[:3], *ADDRESSES])
def test_a_host_that_is_not_this_server_is_refused(reading: httpx.Client, method: str, path: str, host: str) -> None:
    answer = reading.request(method, path, headers={"Host": host})
    assert answer.status_code == 421
    assert host in answer.json()["errors"][0]["msg"]
    assert "--allow-host" not in answer.json()["errors"][0]["msg"]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8123", "LOCALHOST:1", "[::1]:8000", "[::1]", "localhost"])
def test_loopback_has_these_names_on_any_port(reading: httpx.Client, elsewhere: httpx.Client, host: str) -> None:
    assert reading.get("/", headers={"Host": host}).status_code == 200
    assert elsewhere.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["models.example.org", "MODELS.example.org:443", "despliegue:8000"])
def test_an_allowed_name_is_the_server_on_any_port(elsewhere: httpx.Client, reading: httpx.Client, host: str) -> None:
    assert elsewhere.get("/models", headers={"Host": host}).status_code == 200
    assert reading.get("/models", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("host", ADDRESSES)
def test_probes_call_a_server_that_others_reach_by_any_address(elsewhere: httpx.Client, host: str) -> None:
    """Load balancers cannot be told which Host to send; a page that strangers rebind has a name."""
    for path in ("/ping", "/ready"):
        assert elsewhere.get(path, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", STRANGERS)
def test_a_server_that_others_reach_refuses_other_names_and_says_how_to_allow_them(
    elsewhere: httpx.Client, host: str
) -> None:
    answer = elsewhere.get("/models", headers={"Host": host})
    assert answer.status_code == 421
    assert "--allow-host" in answer.json()["errors"][0]["msg"]


@pytest.mark.parametrize(
    ("base_url", "name"), [("http://testserver", "testserver"), ("http://[::1]:8000", "[::1]"), ("http://a:1", "a")]
)
def test_the_server_has_the_name_of_its_address_too(base_url: str, name: str) -> None:
    assert names_of(base_url) == {"127.0.0.1", "localhost", "[::1]", name}


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.0.0.2", True), ("::1", True), ("localhost", True)]
    + [(host, False) for host in ("0.0.0.0", "::", "192.168.0.1", "", "models.example.org")],  # noqa: S104
)
def test_loopback_is_what_only_this_machine_reaches(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
