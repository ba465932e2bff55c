"""Pages of strangers, as a browser on this machine sends their requests."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import pytest

from functions.core.definition import Definition
from functions.local.own_pages import names_of
from tests.conftest import Row

RETRAIN = "/models/car-price/retrain?force=true"
STRANGER = {"Origin": "https://evil.example"}
CHANGES = [
    ("POST", RETRAIN),
    ("POST", "/models/churn/uploads"),
    ("POST", "/models/churn/uploads/"),
    ("PUT", "/models/churn/production"),
    ("POST", "/local-uploads"),
]


@pytest.mark.parametrize(("method", "path"), CHANGES)
@pytest.mark.parametrize(
    "headers",
    [
        STRANGER,
        {"Origin": "null"},
        {"Origin": "http://localhost:8870"},
        {"Origin": "https://localhost"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
    ],
)
def test_a_page_of_another_origin_changes_nothing(
    reading: httpx.Client, method: str, path: str, headers: Mapping[str, str]
) -> None:
    answer = reading.request(method, path, content=b"[]", headers={"Content-Type": "application/json", **headers})
    assert answer.status_code == 403
    (fault,) = answer.json()["errors"]
    assert fault["type"] == "origin"


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}])
def test_a_program_and_a_page_of_our_own_may_change_something(
    reading: httpx.Client, headers: Mapping[str, str]
) -> None:
    answer = reading.put("/models/churn/production", json={"version": 99}, headers=headers)
    assert answer.status_code == 404


@pytest.mark.parametrize("headers", [STRANGER, {"Sec-Fetch-Site": "cross-site"}])
def test_a_page_of_another_origin_may_ask_for_a_prediction_which_it_cannot_read(
    reading: httpx.Client, definitions: Mapping[str, Definition], headers: Mapping[str, str]
) -> None:
    example: Row = dict(definitions["churn"].examples[0])
    answer = reading.post("/models/churn/predict", json=example, headers=headers)
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/models"), ("PUT", "/models/churn/production"), ("GET", "/docs")]
)
@pytest.mark.parametrize("host", ["rebind.evil.example:8860", "evil.example", "127.0.0.1.evil.example", "0.0.0.0:8000"])
def test_a_host_that_is_not_this_server_is_refused(reading: httpx.Client, method: str, path: str, host: str) -> None:
    answer = reading.request(method, path, headers={"Host": host})
    assert answer.status_code == 421
    assert host in answer.json()["errors"][0]["msg"]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8123", "LOCALHOST:1", "[::1]:8000", "[::1]", "localhost"])
def test_loopback_has_these_names_on_any_port(reading: httpx.Client, host: str) -> None:
    assert reading.get("/", headers={"Host": host}).status_code == 200


def test_a_body_without_a_content_type_changes_nothing(reading: httpx.Client) -> None:
    """The browser asks nobody before it sends one; a prediction takes it."""
    request = reading.build_request("POST", RETRAIN, content=b"[]")
    assert "content-type" not in request.headers
    assert reading.send(request).status_code == 415
    assert reading.post("/models/churn/predict", content=b"[]").status_code == 422
    assert reading.post("/models/churn/uploads").status_code == 201


@pytest.mark.parametrize(
    ("base_url", "name"), [("http://testserver", "testserver"), ("http://[::1]:8000", "[::1]"), ("http://a:1", "a")]
)
def test_the_server_has_the_name_of_its_address_too(base_url: str, name: str) -> None:
    assert names_of(base_url) == {"127.0.0.1", "localhost", "[::1]", name}
