"""Pages of strangers, as a browser on this machine sends their requests."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import pytest

from functions.core.definition import Definition
from tests.conftest import Row

RETRAIN = "/models/car-price/retrain?force=true"
STRANGER = {"Origin": "https://evil.example"}
CHANGES = [
    ("POST", RETRAIN),
    ("POST", "/models/churn/uploads"),
    ("POST", "/models/churn/uploads/"),
    ("PUT", "/models/churn/production"),
    ("POST", "/local-uploads"),
    # routing takes a line end after a path for nothing: this is a retrain, and no model of the hub, churn/retrain
    ("POST", f"{RETRAIN.replace('?', '%0A?')}"),
    ("POST", "/models/churn/uploads%0A"),
    ("POST", "/models/churn/batches"),
    ("DELETE", f"/models/churn/batches/{'0' * 32}"),
    ("POST", f"/models/churn/batches/{'0' * 32}/retry"),
    ("PUT", "/models/churn/predictions"),
    ("PUT", "/models/churn/production%0A"),
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


@pytest.mark.parametrize("path", [RETRAIN, RETRAIN.replace("?", "%0A?")])
def test_a_body_without_a_content_type_changes_nothing(client: httpx.Client, path: str) -> None:
    """The browser asks nobody before it sends one; a prediction takes it, and an upload has no body."""
    request = client.build_request("POST", path, content=b"[]")
    assert "content-type" not in request.headers
    assert client.send(request).status_code == 415
    assert client.post("/models/churn/predict", content=b"[]").status_code == 422
    assert client.post("/models/churn/uploads").status_code == 201
