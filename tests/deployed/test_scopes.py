"""Scopes at a deployment: 401 without a token, 403 with a token of another scope, and public routes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from functions.core.definition import Definition
from functions.core.routes import ROUTES
from tests.deployed.deployment import Deployment

SCOPES = ("predict", "train", "batch", "admin")
# Bodies that every scope's route refuses once it lets in, so that nothing changes.
ASKED: Mapping[str, tuple[str, str]] = {
    "predict": ("POST", "/models/churn/predict"),
    "train": ("POST", "/models/churn/retrain"),
    "batch": ("POST", "/models/churn/batches"),
    "admin": ("PUT", "/models/churn/production"),
}

MADE_UP = "0" * 32
NAMES = {"{job}": MADE_UP, "{batch}": MADE_UP, "{id}": "a", "{version}": "1", "{arg}": "C", "{asset}": "none.js"}


def ask(deployed: Deployment, method: str, path: str, token: str | None, body: Any = ()) -> httpx.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return httpx.request(method, f"{deployed.url}{path}", headers=headers, json=body, timeout=60)


@pytest.mark.parametrize("has", SCOPES)
@pytest.mark.parametrize("needed", SCOPES)
def test_a_token_opens_the_routes_of_its_scope_and_no_other(
    deployed: Deployment, tokens: dict[str, str], has: str, needed: str
) -> None:
    answer = ask(deployed, *ASKED[needed], tokens[has], {"nobody": "asks this"})
    assert answer.status_code == (422 if has == needed else 403), answer.text


def test_a_token_of_the_scope_is_answered(
    deployed: Deployment, tokens: dict[str, str], every_model: Mapping[str, Definition]
) -> None:
    customer = every_model["churn"].examples[0]
    answer = ask(deployed, "POST", "/models/churn/predict", tokens["predict"], customer)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("token", ["nobody", "dsp_" + "x" * 43])
def test_an_unknown_token_may_nothing(deployed: Deployment, token: str) -> None:
    for method, path in ASKED.values():
        assert ask(deployed, method, path, token).status_code == 403


def test_nothing_but_the_public_routes_answers_without_a_token(
    deployed: Deployment, every_model: Mapping[str, Definition]
) -> None:
    unlike = {}
    for route in ROUTES:
        for definition in every_model.values():
            path = route.path_of(definition)
            if path is None:
                continue
            for name, value in NAMES.items():
                path = path.replace(name, value)
            status = ask(deployed, route.method, path, None).status_code
            if (status == 401) is (route.scope == "public"):
                unlike[route.method, path] = status
    assert not unlike


@pytest.mark.parametrize("path", ["/", "/models", "/models/churn", "/docs", "/openapi.json"])
def test_what_is_public_needs_no_token(deployed: Deployment, path: str) -> None:
    assert ask(deployed, "GET", path, None).status_code == 200
