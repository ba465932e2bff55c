"""The HTTP interface as a table: what is served, by which function, and with which scope.

The applications, the API Gateway and the token authorizer are all derived from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from functions.core.definition import Definition
from functions.core.tasks import Protocol

TokenScope = Literal["predict", "train", "admin"]
Scope = Literal["public", TokenScope]
Function = Literal["control", "predict"]
MODEL = "{model}"
HUB_ID = "{hub_id}"
SLASH = "{proxy+}"
"""What API Gateway calls a greedy variable; it holds nothing where a path ends in a slash."""


@dataclass(frozen=True, slots=True)
class Route:
    """`path` as FastAPI and API Gateway spell it; a `predict` route goes to its model's own function.

    Only models whose task takes the `protocol` have the path. Where it says {hub_id}, it has the model's own,
    `owner/name`; a model without one has no such path.
    """

    method: Literal["GET", "POST", "PUT"]
    path: str
    function: Function
    scope: Scope
    protocol: Protocol = "despliegue"

    def path_of(self, definition: Definition) -> str | None:
        """The path for one model; None where it has none."""
        if self.protocol not in definition.traits.protocols:
            return None
        if HUB_ID not in self.path:
            return self.path.replace(MODEL, definition.name)
        return self.path.replace(HUB_ID, definition.hub_id) if definition.hub_id else None


ROUTES: tuple[Route, ...] = (
    Route("GET", "/", "control", "public"),
    Route("GET", "/docs", "control", "public"),
    Route("GET", "/docs/{asset}", "control", "public"),
    Route("GET", "/openapi.json", "control", "public"),
    Route("GET", "/models", "control", "public"),
    Route("GET", "/models/{model}", "control", "public"),
    Route("POST", "/models/{model}/predict", "predict", "predict"),
    Route("POST", "/models/{model}", "predict", "predict", "hugging-face"),
    Route("POST", "/models/{hub_id}", "predict", "predict", "hugging-face"),
    Route("POST", "/models/{model}/retrain", "control", "train"),
    Route("POST", "/models/{model}/uploads", "control", "train"),
    Route("GET", "/models/{model}/jobs", "control", "predict"),
    Route("GET", "/models/{model}/jobs/{job}", "control", "predict"),
    Route("GET", "/models/{model}/versions", "control", "predict"),
    Route("GET", "/models/{model}/versions/{version}", "control", "predict"),
    Route("PUT", "/models/{model}/production", "control", "admin"),
    Route("GET", "/models/{model}/history", "control", "predict"),
    Route("GET", "/models/{model}/performance", "control", "predict"),
    Route("GET", "/models/{model}/args", "control", "predict"),
    Route("GET", "/models/{model}/args/{arg}", "control", "predict"),
)


def protocol_paths(protocol: Protocol, definitions: Iterable[Definition]) -> dict[str, str]:
    """The paths to predict that a protocol has, each with the name of its model."""
    models = tuple(definitions)
    routes = [route for route in ROUTES if route.function == "predict" and route.protocol == protocol]
    return {path: name for route in routes for path, name in _paths_of_models(route, models)}


@dataclass(frozen=True, slots=True)
class GatewayRoute:
    """A route as the gateway has it. `model` is whose function answers; None is control."""

    method: str
    path: str
    scope: Scope
    model: str | None

    @property
    def key(self) -> str:
        """As the gateway writes it: `GET /models/{model}/jobs`."""
        return f"{self.method} {self.path}"


def gateway_routes(definitions: Iterable[Definition]) -> list[GatewayRoute]:
    """Every route of the gateway; one of a model's own function stands there once for each model.

    A gateway's path cannot end in a slash: what does is caught by a second route. Public routes and those of other
    protocols have none, as it would catch all that lies below, other routes with a slash among it.
    """
    models = tuple(definitions)
    found: list[GatewayRoute] = []
    for route in ROUTES:
        has_slash = route.scope != "public" and route.protocol == "despliegue"
        paths = [(route.path, None)] if route.function == "control" else _paths_of_models(route, models)
        for path, model in paths:
            found += [
                GatewayRoute(route.method, one, route.scope, model)
                for one in ((path, f"{path}/{SLASH}") if has_slash else (path,))
            ]
    return found


def token_scopes(definitions: Iterable[Definition]) -> dict[str, TokenScope]:
    """The scope that a token needs, by the gateway's route key. Public routes are left out."""
    return {route.key: route.scope for route in gateway_routes(definitions) if route.scope != "public"}


def _paths_of_models(route: Route, definitions: Iterable[Definition]) -> list[tuple[str, str]]:
    """Each with the name of its model; those that have none are left out."""
    found = [(route.path_of(definition), definition.name) for definition in definitions]
    return [(path, name) for path, name in found if path is not None]


def route_of(method: str, path: str) -> Route | None:
    """The route that serves a decoded path, None if none does; a part that is spelled out counts before a variable."""
    fitting = [route for route in ROUTES if route.method == method and fits(route.path, path)]
    return min(fitting, key=lambda route: sum(map(_is_variable, _parts(route.path))), default=None)


def fits(template: str, path: str) -> bool:
    """Whether a path has the parts of a template, with something for each variable."""
    wanted, parts = _parts(template), path.split("/")
    return len(parts) == len(wanted) and all(
        part == wants or (bool(part) and _is_variable(wants)) for part, wants in zip(parts, wanted, strict=True)
    )


def _parts(template: str) -> list[str]:
    """A {hub_id} is two parts."""
    return template.replace(HUB_ID, "{owner}/{name}").split("/")


def _is_variable(part: str) -> bool:
    return part.startswith("{")
