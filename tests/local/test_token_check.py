"""A server that checks tokens itself: every route by its scope, whatever its path looks like."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from functions.core.definition import Definition
from functions.core.model_folder import load_definition
from functions.core.routes import ROUTES, Route, TokenScope
from functions.core.tokens import KEPT_SECONDS, LAST_GOOD_SECONDS, RecentTokens, make_token
from functions.inference.application import create_application
from functions.inference.protocols.hugging_face.errors import HuggingFaceRoute
from functions.local.application import local_application
from functions.local.home import Home
from functions.local.token_check import TokenCheck
from functions.local.token_file import TokenFile
from tests.conftest import BASE_URL, Connect, Training
from tests.local.test_own_pages import CHANGES

NOW = datetime.now(UTC)
ORIGIN = "https://app.example"
PAGE = {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"}
GUARDED = [route for route in ROUTES if route.scope != "public" and "{model}" in route.path]
SCOPES: tuple[TokenScope, ...] = get_args(TokenScope)
JSON = {"Content-Type": "application/json"}


@dataclass(slots=True)
class Server:
    """A server with tokens, and a clock that only the tests move."""

    http: httpx.Client
    file: TokenFile
    clock: Clock
    made: int = 0

    def token(self, *scopes: TokenScope, name: str = "", models: Sequence[str] | None = None) -> dict[str, str]:
        """Make a token; returns the header with it."""
        self.made += 1
        record, token = make_token(name or f"token-{self.made}", scopes, now=NOW, models=models)
        self.file.update(lambda tokens: tokens.with_token(record, NOW))
        self.clock.seconds += KEPT_SECONDS
        return {"Authorization": f"Bearer {token}"}

    def ask(self, route: Route, headers: Mapping[str, str]) -> httpx.Response:
        body = b"{}" if route.method != "GET" else None
        return self.http.request(route.method, path_of(route), content=body, headers={**JSON, **headers})


@dataclass(slots=True)
class Clock:
    seconds: float = 1000.0


@pytest.fixture(scope="module")
def home_of_server(trained_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("server") / "home")
    shutil.copytree(trained_home.root, home.root)
    return home


@pytest.fixture(scope="module")
def server(home_of_server: Home, definitions: Mapping[str, Definition], connect: Connect) -> Server:
    """One server for all tests, without a trainer."""
    file, clock = TokenFile(home_of_server.root / "tokens.json"), Clock()
    tokens = RecentTokens(file.read, on_failure=lambda error: None, clock=lambda: clock.seconds)
    application = local_application(
        home_of_server, definitions, base_url=BASE_URL, allowed_origins=[ORIGIN], tokens=tokens, wait_seconds=30
    )
    return Server(connect(application), file, clock)


def path_of(route: Route) -> str:
    values = {"{model}": "churn", "{hub_id}": "owner/name", "{asset}": "swagger-ui.css", "{job}": "0" * 32}
    values |= {"{batch}": "0" * 32, "{id}": "a"}
    path = route.path
    for variable, value in {**values, "{version}": "1", "{arg}": "seed"}.items():
        path = path.replace(variable, value)
    return path


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_a_route_takes_tokens_of_its_scope_alone_and_a_public_one_needs_none(server: Server, route: Route) -> None:
    statuses = {scope: server.ask(route, server.token(scope)).status_code for scope in SCOPES}
    without = server.ask(route, {}).status_code
    if route.scope == "public":
        assert {*statuses.values(), without}.isdisjoint({401, 403})
    else:
        assert statuses.pop(route.scope) not in (401, 403)
        assert set(statuses.values()) == {403}
        assert without == 401


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: f"{route.method} {route.path}")
def test_a_token_for_a_model_opens_its_paths_and_those_of_no_other(server: Server, route: Route) -> None:
    assert server.ask(route, server.token(*SCOPES, models=["churn"])).status_code not in (401, 403)
    refused = server.ask(route, server.token(*SCOPES, models=["car-price"]))
    assert refused.status_code == 403
    assert "the token is for car-price only" in refused.text


def test_a_token_for_a_model_opens_its_path_by_hub_id_and_no_other(
    server: Server, root: Path, connect: Connect
) -> None:
    async def found(request: Request) -> Response:
        return Response("[]")

    becas = load_definition(root / "models" / "becas")
    tokens = RecentTokens(server.file.read, on_failure=lambda error: None)
    allowed, refused = (server.token("predict", models=[one]) for one in ("becas", "churn"))
    app = Starlette(routes=[HuggingFaceRoute("/models/{owner}/{name}", found)])
    client = connect(create_application(app, guard=lambda inner: TokenCheck(inner, tokens, (), [becas])))
    assert client.post(f"/models/{becas.hub_id}", headers=allowed).status_code == 200
    assert client.post(f"/models/{becas.hub_id}", headers=refused).status_code == 403
    assert client.post("/models/owner/name", headers=allowed).status_code == 403


@pytest.mark.parametrize("path", ["/models/churn%2Fjobs", "/models/%63hurn/jobs", "/models/churn/jobs/"])
def test_no_way_of_writing_a_path_leads_past_the_models_of_a_token(server: Server, path: str) -> None:
    assert server.http.get(path, headers=server.token("predict", models=["car-price"])).status_code == 403
    assert server.http.get(path, headers=server.token("predict", models=["churn"])).status_code == 200


def test_a_refusal_has_the_status_of_the_gateway_and_says_what_to_do(server: Server) -> None:
    token = server.token("predict")
    answer = server.http.get("/models/churn/jobs")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.json()["message"] == "Unauthorized"
    assert answer.json()["errors"] == [
        {"loc": [], "msg": "send a token: Authorization: Bearer ...", "type": "unauthorized"}
    ]
    answer = server.http.post("/models/churn/retrain", json=[], headers=token)
    assert (answer.status_code, answer.json()["message"]) == (403, "Forbidden")
    assert answer.json()["errors"] == [{"loc": [], "msg": "the token lacks the scope train", "type": "forbidden"}]


def test_an_answer_that_is_too_large_is_refused_in_the_form_of_its_protocol(server: Server, connect: Connect) -> None:
    async def much(request: Request) -> Response:
        return Response('"' * 7_000_000, media_type="application/json")

    tokens = RecentTokens(server.file.read, on_failure=lambda error: None)
    token = server.token("predict")
    app = Starlette(routes=[HuggingFaceRoute("/models/owner/name", much)])
    client = connect(create_application(app, guard=lambda inner: TokenCheck(inner, tokens, (), ())))
    answer = client.post("/models/owner/name", headers={**token, "Accept-Encoding": "identity"})
    assert (answer.status_code, list(answer.json())) == (413, ["error"])


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer ", "Bearer wrong", "bearer dsp_ x", "dsp_wrong"])
def test_what_is_no_known_token_is_forbidden(server: Server, header: str) -> None:
    assert server.http.get("/models/churn/jobs", headers={"Authorization": header}).status_code == 403


def test_an_expired_token_is_forbidden(server: Server) -> None:
    record, token = make_token("old", ["predict"], now=NOW - timedelta(days=2), lifetime=timedelta(days=1))
    server.file.update(lambda tokens: tokens.with_token(record, NOW - timedelta(days=2)))
    server.clock.seconds += KEPT_SECONDS
    answer = server.http.get("/models/churn/jobs", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["errors"][0]["msg"]) == (403, "expired token")


@pytest.mark.parametrize(
    "path",
    [
        *("/models/churn/jobs%0A", "/models/churn%2Fjobs", "/models/churn/jobs/", "/models/churn/jobs%2F"),
        *("/models/churn/jobs%0A%0A", "/models/churn/jobs%0D", "/models//jobs", "//models/churn/jobs", "/models/%0A"),
        *("/models/churn/args/%0A", "/models/churn/./jobs", "/models/churn/jobs%00", "/models/churn/jobs%3F"),
    ],
)
def test_no_way_of_writing_a_path_leads_past_the_tokens(server: Server, path: str) -> None:
    answer = server.http.get(path)
    assert answer.status_code in (401, 404)
    assert "jobs" not in answer.json().get("data", {})


@pytest.mark.parametrize(("method", "path"), [change for change in CHANGES if "/local-uploads" not in change[1]])
def test_a_token_that_predicts_changes_nothing_however_the_path_is_written(
    server: Server, method: str, path: str
) -> None:
    headers = {**server.token("predict"), **JSON}
    assert server.http.request(method, path, content=b"[]", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("DELETE", "/models/churn/jobs", 405), ("GET", "/nothing", 404), ("POST", "/ping", 405), ("GET", "/models/", 200)],
)
def test_what_is_no_route_is_refused_as_it_is_without_tokens(
    server: Server, reading: httpx.Client, method: str, path: str, status: int
) -> None:
    assert server.http.request(method, path).status_code == reading.request(method, path).status_code == status


def test_the_actor_of_what_is_changed_is_the_name_of_the_token(
    server: Server, home_of_server: Home, labelled: Callable[[str], list[object]], training: Training
) -> None:
    trains, decides = server.token("train", name="nightly"), server.token("admin", "predict", name="chief")
    rows = labelled("churn")[:600]
    with training(home_of_server):
        done = server.http.post("/models/churn/retrain?force=true", json=rows, headers=trains)
    assert done.status_code == 200, done.text
    assert server.http.put("/models/churn/production", json={"version": 1}, headers=decides).status_code == 200
    history = server.http.get("/models/churn/history", headers=decides).json()["data"]["history"]
    assert [entry["actor"] for entry in history[:2]] == ["chief", "nightly"]
    jobs = server.http.get("/models/churn/jobs", headers=decides).json()["data"]["jobs"]
    assert jobs[0]["actor"] == "nightly"


def test_a_form_is_made_for_a_token_and_posted_without_one(server: Server) -> None:
    assert server.http.post("/models/churn/uploads").status_code == 401
    form = server.http.post("/models/churn/uploads", headers=server.token("train")).json()["data"]
    posted = server.http.post(form["url"], data=form["fields"], files={"file": b"no,header\n"})
    assert posted.status_code == 204


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_a_page_of_an_allowed_origin_changes_what_its_token_permits_and_reads_why_not(
    server: Server, method: str, path: str
) -> None:
    refused = server.http.request(method, path, content=b"[]", headers={**PAGE, **JSON})
    assert refused.status_code in (401, 403, 404)
    assert refused.headers["access-control-allow-origin"] == ORIGIN
    permitted = server.token(*SCOPES)
    answer = server.http.request(method, path, content=b"[]", headers={**PAGE, **JSON, **permitted})
    assert answer.status_code not in (401, 403) or path == "/local-uploads"  # a form has a signature of its own


def test_a_browser_may_ask_before_it_sends_a_token(server: Server) -> None:
    asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization"}
    answer = server.http.options("/models/churn/production", headers={**PAGE, **asked})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, ORIGIN)


def test_a_page_of_a_stranger_reads_nothing_and_changes_nothing(server: Server) -> None:
    server.token(*SCOPES)
    stranger = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    for method, path in CHANGES:
        answer = server.http.request(method, path, content=b"[]", headers=stranger)
        assert answer.status_code in (401, 403, 404)
        assert "access-control-allow-origin" not in answer.headers


def test_a_revocation_holds_within_five_seconds(server: Server) -> None:
    token = server.token("predict", name="ana")
    assert server.http.get("/models/churn/jobs", headers=token).status_code == 200
    server.file.update(lambda tokens: tokens.without_token("ana"))
    server.clock.seconds += KEPT_SECONDS
    assert server.http.get("/models/churn/jobs", headers=token).status_code == 403


def test_a_damaged_file_keeps_the_last_good_tokens_for_minutes_and_then_nobody_passes(server: Server) -> None:
    token = server.token("predict")
    assert server.http.get("/models/churn/jobs", headers=token).status_code == 200
    server.file.path.write_text("damaged")
    server.clock.seconds += LAST_GOOD_SECONDS - 1
    assert server.http.get("/models/churn/jobs", headers=token).status_code == 200
    server.clock.seconds += 1
    answer = server.http.get("/models/churn/jobs", headers=token)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert str(server.file.path) not in answer.text
    assert server.http.get("/models/churn").status_code == 200
    server.file.path.unlink()
    assert server.http.get("/models/churn/jobs", headers=server.token("predict")).status_code == 200


def test_the_log_names_the_token_and_holds_no_token(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    token = server.token("predict", name="logged")
    with caplog.at_level("INFO", logger="functions.local.token_check"):
        server.http.put("/models/churn/production", json={"version": 1}, headers=token)
        server.http.get("/models/churn/jobs", headers={"Authorization": "Bearer dsp_secret"})
    assert caplog.messages == [
        "PUT /models/{model}/production refused: the token lacks the scope admin (token: logged)",
        "GET /models/{model}/jobs refused: unknown token (token: None)",
    ]
