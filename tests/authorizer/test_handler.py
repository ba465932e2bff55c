"""The token authorizer with whole events of the HTTP API, over a real client of Secrets Manager."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from functions.aws.secrets import SecretError, TokenSecret
from functions.core.errors import DamagedRecordError
from functions.core.model_folder import load_definition
from functions.core.routes import ROUTES, TokenScope
from functions.core.tokens import KEPT_SECONDS, LAST_GOOD_SECONDS, TokenRecord, make_token
from tests.lambda_context import Context
from tests.secrets_manager import new_secret, secret_with, secrets_manager

PROJECT = Path(__file__).resolve().parents[2]
EVENT: dict[str, Any] = json.loads((PROJECT / "tests" / "events" / "http_api_authorizer.json").read_bytes())
BECAS = load_definition(PROJECT / "models" / "becas")
MODULE = "functions.authorizer.handler"
DAY = timedelta(days=1)
SCOPES = get_args(TokenScope)
# filelock comes with the registry, and the others with what answers requests
FOREIGN = {"numpy", "onnxruntime", "fastapi", "starlette", "pydantic", "mangum", "boto3", "s3transfer", "filelock"}

UNKNOWN_ROUTES = [
    "POST /models/{model}/predict",
    "POST /models/nothing/predict",
    "GET /models/churn/predict",
    "POST /models/churn/predict/",
    "POST /models/churn",
    "GET /models/churn/jobs",
]
OTHER_HEADERS = [
    "",
    " ",
    "Bearer",
    "Bearer ",
    "Bearer  ",
    "{token}",
    "Basic {token}",
    "Bearer{token}",
    "Bearer: {token}",
    "Bearer\t{token}",
    "Bearer {token},Bearer {token}",
    "Bearer {token} {token}",
    "Bearer {token}é",
    "Bearer {token}\u0000",
    "Bearer \ud800",
    "Bearer \U0001f600",
    "Bearer " + "x" * 10_000,
    "Bearer {token}" + "x" * 10_000,
    "é" * 10_000,
    "not a token at all",
]


@dataclass(frozen=True, slots=True)
class Made:
    record: TokenRecord
    token: str


@dataclass(slots=True)
class Clock:
    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass(frozen=True, slots=True)
class Authorizer:
    """A started function and the clock by which it forgets."""

    handler: Callable[[dict[str, Any], Context], dict[str, Any]]
    clock: Clock

    def __call__(self, header: str, route_key: str = EVENT["routeKey"]) -> dict[str, Any]:
        return self.handler(event(header, route_key), Context())

    def accepts(self, token: str, route_key: str = EVENT["routeKey"]) -> bool:
        answer = self(f"Bearer {token}", route_key)
        assert isinstance(answer["isAuthorized"], bool)
        assert answer["context"].keys() == ({"token"} if answer["isAuthorized"] else set())
        return answer["isAuthorized"]


Start = Callable[[str], Authorizer]


def event(header: str, route_key: str, model: str = "churn") -> dict[str, Any]:
    """The event of a request whose path has `model` where the key of its route has {model}."""
    method, template = route_key.split(" ")
    path = template.replace("{model}", model)
    context = EVENT["requestContext"]
    return {
        **EVENT,
        "routeArn": f"{EVENT['routeArn'].partition('/$default')[0]}/$default/{method}{path}",
        "identitySource": [header],
        "routeKey": route_key,
        "rawPath": path,
        **({"pathParameters": {"model": model}} if path != template else {}),
        "headers": {**EVENT["headers"], "authorization": header},
        "requestContext": {**context, "http": {**context["http"], "method": method, "path": path}},
    }


def made(name: str, *scopes: TokenScope, expires: timedelta | None = None, models: Sequence[str] | None = None) -> Made:
    return Made(*make_token(name, scopes or ["predict"], now=datetime.now(UTC), lifetime=expires, models=models))


@pytest.fixture
def start(aws_environment: None, monkeypatch: pytest.MonkeyPatch) -> Start:
    """start(secret) imports the handler as Lambda does: once, before any request."""

    def import_handler(secret: str) -> Authorizer:
        monkeypatch.setenv("DESPLIEGUE_TOKENS", secret)
        monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Despliegue/test")
        monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "authorizer")
        sys.modules.pop(MODULE, None)
        module = importlib.import_module(MODULE)
        clock = Clock()
        monkeypatch.setattr(module._recent, "_clock", clock)
        return Authorizer(module.handler, clock)

    return import_handler


@pytest.fixture
def ana() -> Made:
    return made("ana")


@pytest.fixture
def authorizer(start: Start, ana: Made) -> Authorizer:
    """It knows one token, ana's, which may predict."""
    return start(secret_with(made("bob", "admin").record, ana.record))


def test_a_valid_token_passes_and_its_name_goes_on_to_the_function(authorizer: Authorizer, ana: Made) -> None:
    assert authorizer(f"Bearer {ana.token}") == {"isAuthorized": True, "context": {"token": "ana"}}


def test_the_case_of_the_scheme_and_spaces_after_it_do_not_matter(authorizer: Authorizer, ana: Made) -> None:
    schemes = ["bearer", "BEARER", "Bearer ", "bEaReR  "]
    assert [one for one in schemes if not authorizer(f"{one} {ana.token} ")["isAuthorized"]] == []


def test_any_other_header_is_refused_and_is_no_error(authorizer: Authorizer, ana: Made) -> None:
    for header in OTHER_HEADERS:
        answer = authorizer(header.replace("{token}", ana.token))
        assert answer == {"isAuthorized": False, "context": {}}, ascii(header)


def test_a_request_without_the_header_is_refused(authorizer: Authorizer) -> None:
    """The gateway answers it itself, unless its authorizer has lost its identity source."""
    request = event("", EVENT["routeKey"])
    del request["headers"]["authorization"], request["identitySource"]
    assert authorizer.handler(request, Context())["isAuthorized"] is False


def test_nobody_passes_a_deployment_without_tokens(start: Start, ana: Made) -> None:
    authorizer = start(new_secret())
    assert not authorizer.accepts(ana.token)


def test_every_route_needs_its_own_scope_and_no_other(start: Start) -> None:
    tokens = {scope: made(scope, scope) for scope in SCOPES}
    authorizer = start(secret_with(*(one.record for one in tokens.values())))
    for route in ROUTES:
        path = route.path_of(BECAS) if route.function == "predict" else route.path
        passing = [scope for scope, one in tokens.items() if authorizer.accepts(one.token, f"{route.method} {path}")]
        assert passing == ([] if route.scope == "public" else [route.scope]), route


def test_a_token_for_a_model_opens_its_paths_and_those_of_no_other(start: Start) -> None:
    becas, other = made("becas", *SCOPES, models=["becas"]), made("other", *SCOPES, models=["becas-2", "churn"])
    authorizer = start(secret_with(becas.record, other.record))
    for route in ROUTES:
        path = route.path_of(BECAS) if route.function == "predict" else route.path
        if route.scope == "public":
            continue
        for end in ("", "/{proxy+}") if route.protocol == "despliegue" else ("",):
            key = f"{route.method} {path}{end}"
            asked = [event(f"Bearer {one.token}", key, "becas") for one in (becas, other)]
            answers = [authorizer.handler(one, Context())["isAuthorized"] for one in asked]
            assert answers == [True, False], key


@pytest.mark.parametrize("named", [None, {}, {"model": "churn%2f"}, {"model": ""}, {"proxy": "churn"}])
def test_a_token_for_a_model_opens_no_path_in_which_the_gateway_found_no_such_name(start: Start, named: Any) -> None:
    ana = made("ana", models=["churn"])
    authorizer = start(secret_with(ana.record))
    request = event(f"Bearer {ana.token}", "GET /models/{model}/jobs")
    assert authorizer.handler(request, Context())["isAuthorized"] is True
    assert authorizer.handler({**request, "pathParameters": named}, Context())["isAuthorized"] is False


def test_a_route_that_nobody_serves_is_refused_to_every_scope(start: Start) -> None:
    everything = made("everything", *SCOPES)
    authorizer = start(secret_with(everything.record))
    assert authorizer.accepts(everything.token)
    assert [one for one in UNKNOWN_ROUTES if authorizer.accepts(everything.token, one)] == []


def test_the_default_route_is_refused(authorizer: Authorizer, ana: Made) -> None:
    request = {**event(f"Bearer {ana.token}", EVENT["routeKey"]), "routeKey": "$default"}
    assert authorizer.handler(request, Context())["isAuthorized"] is False


def test_an_expired_token_is_refused(start: Start) -> None:
    expired, lasting = made("expired", expires=-DAY), made("lasting", expires=DAY)
    authorizer = start(secret_with(expired.record, lasting.record))
    assert [authorizer.accepts(one.token) for one in (expired, lasting)] == [False, True]


def test_a_decision_reads_nothing_of_a_request_but_what_the_gateway_keeps_it_by(start: Start, ana: Made) -> None:
    """infra/authorizer.py names the same three as the key: the path, of which it reads the model, header and route."""
    limited = made("limited", models=["churn"])
    authorizer = start(secret_with(ana.record, limited.record))
    for header in (f"Bearer {ana.token}", f"Bearer {limited.token}", "Bearer unknown"):
        for key in (EVENT["routeKey"], "GET /models/{model}/jobs", "PUT /models/{model}/production"):
            bare = {"routeKey": key, "headers": {"authorization": header}, "pathParameters": {"model": "churn"}}
            other = {**event(header, key), "rawPath": "/", "rawQueryString": "a=b", "cookies": ["a=b"], "headers": {}}
            other["headers"] = {"authorization": header, "host": "another", "x-forwarded-for": "192.0.2.1"}
            answers = [authorizer.handler(one, Context()) for one in (bare, other, event(header, key))]
            assert answers == [answers[0]] * 3


def test_a_rotation_interrupts_nobody(start: Start, ana: Made) -> None:
    secret = secret_with(ana.record)
    authorizer, new = start(secret), made("ana-2")
    assert [authorizer.accepts(one.token) for one in (ana, new)] == [True, False]
    TokenSecret(secret).update(lambda tokens: tokens.with_token(new.record, datetime.now(UTC)))
    authorizer.clock.seconds += KEPT_SECONDS
    assert [authorizer.accepts(one.token) for one in (ana, new)] == [True, True]
    TokenSecret(secret).update(lambda tokens: tokens.without_token("ana"))
    authorizer.clock.seconds += KEPT_SECONDS
    assert [authorizer.accepts(one.token) for one in (ana, new)] == [False, True]


def test_tokens_that_cannot_be_read_any_more_lock_nobody_out_for_minutes_and_are_counted(
    start: Start, ana: Made, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = secret_with(ana.record)
    authorizer = start(secret)
    assert authorizer.accepts(ana.token)
    secrets_manager().delete_secret(SecretId=secret, ForceDeleteWithoutRecovery=True)
    authorizer.clock.seconds += KEPT_SECONDS
    caplog.clear()
    capsys.readouterr()
    assert authorizer.accepts(ana.token)
    assert not authorizer.accepts("unknown")
    error, accepted, _ = _logged(caplog)
    assert (error["levelname"], error["error"].partition(":")[0]) == ("ERROR", f"secret {secret}")
    assert accepted["reason"] == "valid token"
    (metric,) = (json.loads(line) for line in capsys.readouterr().out.splitlines() if "TokensUnreadable" in line)
    assert (metric["TokensUnreadable"], metric["service"]) == ([1.0], "authorizer")
    authorizer.clock.seconds += LAST_GOOD_SECONDS
    with pytest.raises(SecretError, match=secret):
        authorizer(f"Bearer {ana.token}")


@pytest.mark.parametrize("document", ["[]", "not JSON", '{"tokens": [{}]}'])
def test_a_cold_authorizer_without_good_tokens_is_an_error_that_lambda_counts(start: Start, document: str) -> None:
    """An answer that refuses would be a 403 for everybody, without an error that an alarm could see."""
    authorizer = start(new_secret(document))
    for _ in range(2):
        with pytest.raises(DamagedRecordError):
            authorizer("Bearer something")


def test_a_ping_is_answered_and_reads_no_secret(start: Start) -> None:
    authorizer = start("no-such-secret")
    assert authorizer.handler({"source": "despliegue.ping"}, Context()) == {}


def test_the_log_names_the_token_and_the_decision_and_holds_no_token(
    authorizer: Authorizer, ana: Made, caplog: pytest.LogCaptureFixture
) -> None:
    authorizer(f"Bearer {ana.token}")
    authorizer(f"Bearer {ana.token}", "PUT /models/{model}/production")
    authorizer(f"Bearer {ana.token}x")
    authorizer(f"Basic {ana.token}")
    lines = _logged(caplog)
    assert [(line["msg"], line["token"], line["reason"]) for line in lines] == [
        ("accepted", "ana", "valid token"),
        ("refused", "ana", "the token lacks the scope admin"),
        ("refused", None, "unknown token"),
        ("refused", None, "no bearer token"),
    ]
    assert lines[1]["route"] == "PUT /models/{model}/production"
    assert ana.token not in str(lines)
    assert ana.record.sha256 not in str(lines)


def test_it_does_not_start_without_the_name_of_its_secret(start: Start) -> None:
    with pytest.raises(Exception, match="DESPLIEGUE_TOKENS"):
        start("")


def test_starting_loads_nothing_that_serves_or_trains(start: Start) -> None:
    start(new_secret())
    code = f"import {MODULE}, sys; print(); print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=PROJECT)
    loaded = set(found.stdout.splitlines()[-1].split())
    assert "functions.aws.secrets" in loaded
    assert loaded.isdisjoint(FOREIGN)


def _logged(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """Everything that the handler gave to its logger; the lines made of it are looked at under the runtime client."""
    return [vars(record) for record in caplog.records if record.name == "functions"]
