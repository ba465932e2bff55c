"""The table of routes: each once, each spelled so that FastAPI and API Gateway read it alike."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from functions.core.routes import ROUTES, Function, Route, Scope

PATH = re.compile(r"/|(?:/(?:[a-z][a-z.-]*|\{[a-z]+\}))+")
each = pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")


def test_no_two_routes_match_the_same_request() -> None:
    shapes = [(route.method, re.sub(r"\{[a-z]+\}", "{}", route.path)) for route in ROUTES]
    assert len(set(shapes)) == len(shapes)


@each
def test_it_is_well_formed(route: Route) -> None:
    assert PATH.fullmatch(route.path)
    assert route.method in ("GET", "POST", "PUT")
    assert route.function in get_args(Function)
    assert route.scope in get_args(Scope)


@each
def test_a_placeholder_stands_once_in_a_path(route: Route) -> None:
    names = re.findall(r"\{([a-z]+)\}", route.path)
    assert len(set(names)) == len(names)


@each
def test_what_changes_something_needs_a_token(route: Route) -> None:
    assert route.method == "GET" or route.scope != "public"


def test_a_route_of_a_models_function_names_its_model() -> None:
    routes = [route for route in ROUTES if route.function == "predict"]
    assert routes
    assert all(route.path.startswith("/models/{") and route.scope == "predict" for route in routes)


def test_promotion_is_the_administrators() -> None:
    assert [route.path for route in ROUTES if route.scope == "admin"] == ["/models/{model}/production"]
