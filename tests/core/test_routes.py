"""The table of routes: each once, each spelled so that FastAPI and API Gateway read it alike."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from functions.core.definition import Definition
from functions.core.question_answering import SCHEMA
from functions.core.routes import (
    RESOURCES,
    ROUTES,
    FunctionKind,
    Route,
    Scope,
    TokenNeed,
    gateway_routes,
    named_model,
    protocol_paths,
    route_of,
    token_needs,
)
from functions.core.tasks import Task

PATH = re.compile(r"/|(?:/(?:[a-z][a-z.-]*|\{[a-z_]+\}))+")
each = pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")


def test_no_two_routes_match_the_same_request() -> None:
    written = [(route.method, route.path.replace("{hub_id}", "{owner}/{name}")) for route in ROUTES]
    shapes = [(method, re.sub(r"\{[a-z]+\}", "{}", path)) for method, path in written]
    assert len(set(shapes)) == len(shapes)


@each
def test_it_is_well_formed(route: Route) -> None:
    assert PATH.fullmatch(route.path)
    assert route.method in ("GET", "POST", "PUT", "DELETE")
    assert route.function in get_args(FunctionKind)
    assert route.scope in get_args(Scope)


@each
def test_no_path_repeats_a_placeholder(route: Route) -> None:
    names = re.findall(r"\{([a-z_]+)\}", route.path)
    assert len(set(names)) == len(names)


@each
def test_what_changes_something_needs_a_token(route: Route) -> None:
    assert route.method == "GET" or route.scope != "public"


def test_a_route_of_a_models_function_names_its_model() -> None:
    routes = [route for route in ROUTES if route.function == "predict"]
    assert routes
    assert all(route.path.startswith("/models/{") and route.scope == "predict" for route in routes)


def test_what_answers_is_the_administrators() -> None:
    paths = [route.path for route in ROUTES if route.scope == "admin"]
    assert paths == ["/models/{model}/predictions", "/models/{model}/production"]


def test_what_makes_or_changes_a_batch_has_a_scope_of_its_own() -> None:
    changing = [route for route in ROUTES if "/batches" in route.path and route.method != "GET"]
    assert {route.method for route in changing} == {"POST", "DELETE"}
    assert {route.scope for route in changing} == {"batch"}


def definition(name: str, task: Task, hub_id: str | None = None) -> Definition:
    return Definition(name, task, "", SCHEMA, Path(name), "", hub_id=hub_id)


@pytest.mark.parametrize(
    ("path", "model", "expected"),
    [
        ("/models/{model}/predict", definition("a", "tabular-regression"), "/models/a/predict"),
        ("/models/{model}", definition("a", "tabular-regression"), None),
        ("/models/{model}", definition("a", "text-classification"), "/models/a"),
        ("/models/{hub_id}", definition("a", "text-classification"), None),
        (
            "/models/{hub_id}",
            definition("a", "question-answering", "Some-Owner/a_model.v2"),
            "/models/Some-Owner/a_model.v2",
        ),
        ("/models/{hub_id}", definition("a", "tabular-regression", "owner/name"), None),
    ],
)
def test_the_path_of_one_model(path: str, model: Definition, expected: str | None) -> None:
    (route,) = [one for one in ROUTES if one.path == path and one.function == "predict"]
    assert route.path_of(model) == expected


def test_the_paths_of_the_hugging_face_protocol() -> None:
    models = [
        definition("a", "question-answering", "Some-Owner/a_model.v2"),
        definition("b", "text-classification"),
        definition("c", "tabular-classification"),
    ]
    assert protocol_paths("hugging-face", models) == {
        "/models/a": "a",
        "/models/Some-Owner/a_model.v2": "a",
        "/models/b": "b",
    }


def test_every_route_that_needs_a_token_has_its_scope_and_model_under_its_route_key() -> None:
    models = [definition("a", "question-answering", "Owner/name"), definition("b", "tabular-regression")]
    needs = token_needs(models)
    of_models = {
        "POST /models/a/predict": TokenNeed("predict", "a"),
        "POST /models/a/predict/{proxy+}": TokenNeed("predict", "a"),
        "POST /models/b/predict": TokenNeed("predict", "b"),
        "POST /models/b/predict/{proxy+}": TokenNeed("predict", "b"),
        "POST /models/a": TokenNeed("predict", "a"),
        "POST /models/Owner/name": TokenNeed("predict", "a"),
    }
    of_control = {
        f"{route.method} {route.path}{end}": TokenNeed(route.scope, None)
        for route in ROUTES
        if route.function == "control" and route.scope != "public"
        for end in ("", "/{proxy+}")
    }
    assert of_control["PUT /models/{model}/production"].scope == "admin"
    assert needs == of_models | of_control


@each
def test_public_routes_and_templates_of_a_models_function_have_no_scope(route: Route) -> None:
    known = route.function == "control" and route.scope != "public"
    needs = token_needs([definition("a", "text-classification", "Owner/name")])
    assert (f"{route.method} {route.path}" in needs) is known


@each
def test_the_model_of_a_path_is_the_part_in_the_place_of_its_variable(route: Route) -> None:
    path = route.path.replace("{hub_id}", "owner/name").replace("{model}", "churn")
    assert named_model(route, path) == named_model(route, f"{path}\n") == ("churn" if "{model}" in route.path else None)


def test_a_route_that_catches_slashes_catches_no_route_of_another_scope_or_function() -> None:
    """Which of two greedy routes the gateway takes must not matter."""
    models = [definition("a", "question-answering", "Owner/name"), definition("b", "tabular-regression")]
    catching = [route for route in gateway_routes(models) if route.path.endswith("/{proxy+}")]
    assert len(catching) > len(models)
    for route in catching:
        below = route.path.removesuffix("{proxy+}")
        caught = [one for one in catching if one.method == route.method and one.path.startswith(below)]
        assert {(one.scope, one.model) for one in caught} == {(route.scope, route.model)}


def test_the_resources_are_the_names_below_a_model() -> None:
    assert {
        "predict",
        "retrain",
        "uploads",
        "jobs",
        "versions",
        "production",
        "history",
        "performance",
        "args",
    } <= RESOURCES
    assert not any("{" in name for name in RESOURCES)


@pytest.mark.parametrize(
    ("method", "path", "served"),
    [
        ("POST", "/models/churn/retrain", "/models/{model}/retrain"),
        # Starlette's regular expressions end in $, which takes a line end for nothing
        ("POST", "/models/churn/retrain\n", "/models/{model}/retrain"),
        ("PUT", "/models/churn/production\n", "/models/{model}/production"),
        ("POST", "/models/owner/name\n", "/models/{hub_id}"),
        ("GET", "/models/churn/jobs\n\n", None),
        ("GET", "/models/churn/jobs\r", None),
        ("GET", "/models/\n", None),
        ("GET", "/models//jobs", None),
    ],
)
def test_a_path_is_read_as_the_routing_of_the_applications_reads_it(method: str, path: str, served: str | None) -> None:
    route = route_of(method, path)
    assert (route.path if route else None) == served
