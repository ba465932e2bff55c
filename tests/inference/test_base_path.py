"""The same answers below a base path, whether or not a gateway or a proxy took it off; addresses stay below it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from functions.core.base_path import is_base_path
from functions.core.definition import Definition
from functions.core.registry import Registry
from functions.core.routes import ROUTES
from functions.inference.base_path import BelowBasePath
from functions.local.application import local_application
from functions.local.home import Home
from tests.inference.handlers import CUSTOMER, GET, Function, Publish, Start, at, get, post
from tests.inference.served_routes import routes_of

ML = "/ml"
WAYS = ["", ML]
"""What a proxy leaves of the base path: nothing, or all of it."""


def seen(path: str, raw_path: bytes | None = None, base_path: str = ML) -> tuple[str, bytes]:
    """The path and the raw path that reach the application."""
    found: list[Scope] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        found.append(scope)

    async def unused(message: object = None) -> None:
        pytest.fail("nothing is read or sent")

    scope = {"type": "http", "path": path, "raw_path": raw_path}
    asyncio.run(BelowBasePath(application, base_path)(scope, unused, unused))  # type: ignore[arg-type]
    return found[0]["path"], found[0]["raw_path"]


@pytest.mark.parametrize(
    ("path", "served"),
    [
        ("/ml/models", "/models"),
        ("/ml", "/"),
        ("/ml/", "/"),
        ("/ml//models", "//models"),
        ("/models", "/models"),
        ("/", "/"),
        ("/mlx/models", "/mlx/models"),
        ("/mlx", "/mlx"),
        ("/ML/models", "/ML/models"),
        ("/ml.v1/models", "/ml.v1/models"),
        ("/x/ml/models", "/x/ml/models"),
        ("/ml/ml/models", "/ml/models"),
        ("/ml/mlx", "/mlx"),
        ("*", "*"),
    ],
)
def test_the_base_path_is_taken_off_once_and_as_whole_parts(path: str, served: str) -> None:
    assert seen(path)[0] == served


def test_a_base_path_of_several_parts_is_taken_off_as_a_whole() -> None:
    assert [seen(path, base_path="/ml/v1")[0] for path in ("/ml/v1/docs", "/ml/docs", "/ml/v1x", "/ml")] == [
        "/docs",
        "/ml/docs",
        "/ml/v1x",
        "/ml",
    ]


@pytest.mark.parametrize(
    ("path", "raw_path", "outside"),
    [
        ("/ml/models/a b", b"/ml/models/a%20b", b"/ml/models/a%20b"),
        ("/models/a b", b"/models/a%20b", b"/ml/models/a%20b"),
        ("/models/a b", None, b"/ml/models/a%20b"),
        ("/ml/models/ä", None, b"/ml/models/%C3%A4"),
        ("/ml/models", b"/%6dl/models", b"/%6dl/models"),
        ("*", b"*", b"*"),
    ],
)
def test_the_raw_path_is_the_one_outside(path: str, raw_path: bytes | None, outside: bytes) -> None:
    assert seen(path, raw_path)[1] == outside


def test_no_path_of_a_server_begins_as_a_base_path_may(
    trained_home: Home, definitions: Mapping[str, Definition]
) -> None:
    """Otherwise a path without the base path could be taken for one that has it."""
    application = local_application(trained_home, definitions, base_url="http://localhost", root_model="churn")
    first_parts = {path.split("/")[1] for _, path in routes_of(application) if path != "/"}
    assert {"models", "docs", "local-uploads"} <= first_parts
    assert not any(is_base_path(f"/{part}") for part in first_parts)


def test_other_scopes_than_requests_pass_unchanged() -> None:
    found: list[Scope] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        found.append(scope)

    asyncio.run(BelowBasePath(application, ML)({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert found == [{"type": "lifespan"}]


@pytest.fixture(scope="module")
def below(trained_home: Home, definitions: Mapping[str, Definition], connect: Any) -> httpx.Client:
    """The laptop's application below /ml, with churn at its root as well."""
    application = local_application(
        trained_home, definitions, base_url="http://localhost", root_model="churn", base_path=ML
    )
    client: httpx.Client = connect(application)
    return client


UNMADE = {"{job}", "{batch}", "{id}"}
PAGES = sorted({one.path for one in ROUTES if one.method == "GET" and UNMADE.isdisjoint(one.path.split("/"))})


@pytest.mark.parametrize("left", WAYS)
@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_served_below_the_base_path(below: httpx.Client, left: str, slash: str, path: str) -> None:
    asset = "icon.svg" if "/playground/" in path else "swagger-ui.css"
    asked = path.format(model="churn", version=1, arg="C", asset=asset).removesuffix("/")
    assert below.get(f"{left}{asked}{slash}").status_code == 200


@pytest.mark.parametrize("left", WAYS)
def test_predictions_are_served_below_the_base_path(
    below: httpx.Client, definitions: Mapping[str, Definition], left: str
) -> None:
    example = dict(definitions["churn"].examples[0])
    for path in ("/models/churn/predict", "/predict", "/models/churn/predict/"):
        assert below.post(f"{left}{path}", json=example).json()["data"]["model"] == "churn"


@pytest.mark.parametrize("path", ["/mlx/models", "/ml/ml/models", "/ml/mlx", "/mlmodels", "/xml/models"])
def test_what_only_looks_like_the_base_path_is_not_found(below: httpx.Client, path: str) -> None:
    assert below.get(path).status_code == 404


@pytest.mark.parametrize("left", WAYS)
def test_the_url_of_an_answer_is_the_one_outside(below: httpx.Client, left: str) -> None:
    asked = below.get(f"{left}/models/churn/?a=b")
    assert asked.json()["url"] == "http://localhost/ml/models/churn/?a=b"
    assert below.get(f"{left}/nowhere").json()["url"] == "http://localhost/ml/nowhere"


@pytest.mark.parametrize("left", WAYS)
def test_the_documentation_names_only_addresses_below_the_base_path(below: httpx.Client, left: str) -> None:
    page = below.get(f"{left}/docs").text
    for name in ("docs/swagger-ui-bundle.js", "docs/swagger-ui.css", "docs/favicon.png", "openapi.json"):
        assert f'"{ML}/{name}"' in page.replace("'", '"')
    assert page.replace(f"{ML}/docs", "").count("/docs") == 0
    document = below.get(f"{left}/openapi.json").json()
    assert document["servers"] == [{"url": "/ml"}]
    assert not any(path.startswith(ML) for path in document["paths"])


@pytest.mark.parametrize("left", WAYS)
def test_a_form_and_its_job_are_below_the_base_path(
    tmp_path: Any, definitions: Mapping[str, Definition], connect: Any, left: str
) -> None:
    home = Home(tmp_path)
    home.create(list(definitions))
    client = connect(local_application(home, definitions, base_url="http://localhost", base_path=ML))
    made = client.post(f"{left}/models/churn/uploads", json={"file_name": "rows.csv"}, headers={"Host": "localhost:81"})
    form = made.json()["data"]
    assert form["url"] == "http://localhost:81/ml/local-uploads"
    assert made.headers["location"] == f"/ml/models/churn/jobs/{form['job']}"
    assert client.get(made.headers["location"]).json()["data"]["state"] == "waiting"
    posted = client.post("/ml/local-uploads", data=form["fields"], files={"file": ("rows.csv", b"a\n1\n")})
    assert posted.status_code == 204


def through_mapping(event: dict[str, Any], left: str, base_path: str = ML) -> dict[str, Any]:
    """The event of the same request through a custom domain.

    AWS documents that rawPath has no key of an API mapping; requestContext.http.path has it, as has the stage's name.
    """
    changed = deepcopy(event)
    http = changed["requestContext"]["http"]
    http["path"] = f"{left}{http['path']}"
    changed["headers"]["host"] = changed["requestContext"]["domainName"] = "api.example.com"
    changed["requestContext"]["domainPrefix"] = "api"
    return changed


@pytest.fixture
def control(start: Start, monkeypatch: pytest.MonkeyPatch) -> Function:
    monkeypatch.setenv("DESPLIEGUE_BASE_PATH", ML)
    return start("control")


@pytest.mark.parametrize("left", WAYS)
def test_control_answers_below_its_base_path(control: Function, left: str) -> None:
    answer = control(through_mapping(GET, left))
    assert answer.status == 200
    assert answer.document["url"] == "https://api.example.com/ml/"
    assert control(through_mapping(get("/models/churn"), left)).document["data"]["version"] is None
    assert control(through_mapping(get("/models/churn/jobs/"), left)).document["data"]["jobs"] == []
    servers = control(through_mapping(get("/openapi.json"), left)).document["servers"]
    assert servers == [{"url": "/ml"}]


@pytest.mark.parametrize("left", WAYS)
def test_a_job_on_aws_is_below_the_base_path(control: Function, left: str) -> None:
    event = through_mapping(post("/models/churn/retrain", [{**CUSTOMER, "churn": "yes"}] * 30), left)
    event["headers"]["prefer"] = "respond-async"
    answer = control(event)
    assert answer.status == 202
    place = f"/models/churn/jobs/{answer.document['data']['job']}"
    assert answer.headers["location"] == f"{ML}{place}"
    assert control(through_mapping(get(place), left)).document["data"]["state"] == "queued"


def test_a_form_on_aws_leads_to_the_bucket(control: Function) -> None:
    answer = control(through_mapping(post("/models/churn/uploads", {}), ML))
    assert answer.status == 201
    url = answer.document["data"]["url"]
    assert url.startswith("http")
    assert not url.startswith("https://api.example.com")
    assert ML not in url
    assert answer.headers["location"].startswith("/ml/models/churn/jobs/")


@pytest.mark.parametrize("left", WAYS)
def test_predict_answers_below_its_base_path(
    registry: Registry, publish: Publish, start: Start, monkeypatch: pytest.MonkeyPatch, left: str
) -> None:
    publish(registry)
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    monkeypatch.setenv("DESPLIEGUE_BASE_PATH", ML)
    predict = start("predict")
    for path in ("/models/churn/predict", "/models/churn/predict/"):
        answer = predict(through_mapping(post(path, CUSTOMER), left))
        assert answer.status == 200
        assert answer.document["url"] == f"https://api.example.com/ml{path}"


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/mlx/models/churn", "GET /models/{model}"),
        ("/ml/ml/models/churn", "GET /models/{model}"),
        ("/ml/models/churn/jobs", "GET /models/{model}"),
        ("/ml/models/churn%2Fjobs", "GET /models/{model}"),
        ("/ml%2Fmodels/churn/jobs", "GET /models/{model}"),
        ("/ml", "GET /models"),
        ("/ml/models/churn", "GET /"),
    ],
)
def test_below_a_base_path_the_route_that_was_authorised_is_served_or_none(
    control: Function, path: str, key: str
) -> None:
    event = at(GET, "GET", path)
    event["routeKey"] = event["requestContext"]["routeKey"] = key
    assert control(event).status == 404


def test_a_route_that_needs_a_token_needs_it_below_a_base_path(control: Function) -> None:
    event = through_mapping(get("/models/churn/jobs"), ML)
    del event["requestContext"]["authorizer"]
    assert control(event).status == 401


def test_a_base_path_that_is_none_stops_the_function(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESPLIEGUE_BASE_PATH", "ml/")
    with pytest.raises(Exception, match=r"DESPLIEGUE_BASE_PATH 'ml/' is not a path such as /ml"):
        start("control")


def test_without_a_base_path_there_is_nothing_below_one(start: Start) -> None:
    event = through_mapping(GET, ML)
    assert start("control")(event).status == 404


def test_whole_events_of_a_named_stage_are_answered(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of a stage other than $default is in both paths of the event."""
    monkeypatch.setenv("DESPLIEGUE_BASE_PATH", "/prod")
    event = get("/models/churn")
    event["rawPath"] = event["requestContext"]["http"]["path"] = "/prod/models/churn"
    event["requestContext"]["stage"] = "prod"
    answer = start("control")(event)
    assert answer.status == 200
    assert answer.document["url"].endswith("amazonaws.com/prod/models/churn")
