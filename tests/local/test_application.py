"""The laptop's application: every route of the table answers in one process, without a token."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp

from functions.core.definition import Definition
from functions.core.manifest import Manifest
from functions.core.routes import ROUTES, Route
from functions.local.application import local_application
from functions.local.home import Home

Connect = Callable[[ASGIApp], httpx.Client]


@pytest.fixture
def served(
    tmp_path: Path, definitions: Mapping[str, Definition], publish: Callable[..., Manifest], connect: Connect
) -> httpx.Client:
    """The application over a home with one version of churn in production; no trainer runs."""
    home = Home(tmp_path)
    home.create(list(definitions))
    manifest = publish(home.registry)
    home.registry.promote_now("churn", manifest.version, actor="test", pinned=False)
    return connect(local_application(home, definitions, base_url="http://laptop", wait_seconds=0.0))


@pytest.mark.parametrize(
    "route", [one for one in ROUTES if one.protocol == "despliegue"], ids=lambda one: f"{one.method} {one.path}"
)
def test_every_route_is_served(served: httpx.Client, route: Route) -> None:
    names = {"job": "0" * 32, "batch": "0" * 32, "id": "a", "version": 1, "arg": "C"}
    asset = "icon.svg" if "/playground/" in route.path else "swagger-ui.css"
    path = route.path.format(model="churn", asset=asset, **names)
    answer = served.request(route.method, path)
    # 404 is right where the route was found and looked for what was never made
    is_unmade = any(name in route.path for name in ("{job}", "{batch}", "{id}"))
    expected = {404} if is_unmade else {200, 422} if route.method == "GET" else {201, 202, 415, 422}
    assert answer.status_code in expected, answer.text
    assert "http_404" not in answer.text


def test_predictions_come_from_the_registry_of_the_home(
    served: httpx.Client, definitions: Mapping[str, Definition]
) -> None:
    answer = served.post("/models/churn/predict", json=dict(definitions["churn"].examples[0]))
    assert answer.status_code == 200
    assert answer.json()["data"]["predictions"][0]["scores"] == {"no": 0.75, "yes": 0.25}


def test_a_form_points_at_this_server_and_its_file_reaches_the_home(served: httpx.Client, tmp_path: Path) -> None:
    asked = served.post("/models/churn/uploads", json={"file_name": "rows.csv"}, headers={"Host": "laptop:8000"})
    form = asked.json()["data"]
    assert form["url"] == "http://laptop:8000/local-uploads"
    posted = served.post(form["url"], data=form["fields"], files={"file": ("rows.csv", b"a\n1\n")})
    assert posted.status_code == 204
    (path,) = (tmp_path / "uploads" / "churn" / "jobs").rglob("rows.csv")
    assert path.read_bytes() == b"a\n1\n"


def test_a_retrain_that_is_not_waited_for_answers_with_its_job(
    served: httpx.Client, labelled: Callable[[str], list[dict[str, object]]]
) -> None:
    answer = served.post("/models/churn/retrain", json={"instances": labelled("churn")[:50]})
    assert (answer.status_code, answer.json()["data"]["state"]) == (202, "queued")


def test_a_server_that_stops_answers_a_queued_retrain_with_its_job_and_does_not_wait(
    home: Home,
    definitions: Mapping[str, Definition],
    connect: Connect,
    labelled: Callable[[str], list[dict[str, object]]],
) -> None:
    application = local_application(
        home, definitions, base_url="http://laptop", wait_seconds=3600, is_stopping=lambda: True
    )
    answer = connect(application).post("/models/churn/retrain", json=labelled("churn")[:50])
    assert (answer.status_code, answer.json()["data"]["state"]) == (202, "queued")
