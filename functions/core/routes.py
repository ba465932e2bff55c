"""The table of the HTTP interface: each route with its function and the scope that it requires.

The applications, the API Gateway and the token authorizer are all derived from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from functions.core.definition import Definition
from functions.core.tasks import Protocol

TokenScope = Literal["predict", "train", "batch", "admin"]
Scope = Literal["public", TokenScope]
FunctionKind = Literal["control", "predict"]
"""The two kinds of Lambda functions that answer requests; each model has a predict function of its own."""
MODEL_PLACEHOLDER = "{model}"
HUB_ID_PLACEHOLDER = "{hub_id}"
SLASH = "{proxy+}"
"""The greedy variable of API Gateway; it is empty for a path that ends in a slash."""
MONITORED = ("/", "/ping")
"""The paths that monitors ask, many of them by HEAD. An application answers HEAD wherever it answers GET."""


@dataclass(frozen=True, slots=True)
class Route:
    """One route. Its `path` is in the spelling of FastAPI and API Gateway; `predict` routes go to the model's function.

    Only models whose task supports the `protocol` have the path. Its {hub_id} becomes the one of the model,
    `owner/name`; a model without a hub_id has no such path.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    function: FunctionKind
    scope: Scope
    protocol: Protocol = "despliegue"

    def path_of(self, definition: Definition) -> str | None:
        """The path for one model; None if the model does not have this route."""
        if self.protocol not in definition.traits.protocols:
            return None
        if HUB_ID_PLACEHOLDER not in self.path:
            return self.path.replace(MODEL_PLACEHOLDER, definition.name)
        return self.path.replace(HUB_ID_PLACEHOLDER, definition.hub_id) if definition.hub_id else None


ROUTES: tuple[Route, ...] = (
    Route("GET", "/", "control", "public"),
    Route("GET", "/ping", "control", "public"),
    Route("GET", "/docs", "control", "public"),
    Route("GET", "/docs/{asset}", "control", "public"),
    Route("GET", "/openapi.json", "control", "public"),
    Route("GET", "/playground", "control", "public"),
    Route("GET", "/playground/{asset}", "control", "public"),
    Route("GET", "/models", "control", "public"),
    Route("GET", "/models/{model}", "control", "public"),
    Route("GET", "/models/{model}/schema", "control", "predict"),
    Route("POST", "/models/{model}/predict", "predict", "predict"),
    Route("POST", "/models/{model}", "predict", "predict", "hugging-face"),
    Route("POST", "/models/{hub_id}", "predict", "predict", "hugging-face"),
    Route("POST", "/models/{model}/retrain", "control", "train"),
    Route("POST", "/models/{model}/uploads", "control", "train"),
    Route("GET", "/models/{model}/jobs", "control", "predict"),
    Route("GET", "/models/{model}/jobs/{job}", "control", "predict"),
    Route("POST", "/models/{model}/batches", "control", "batch"),
    Route("GET", "/models/{model}/batches", "control", "predict"),
    Route("GET", "/models/{model}/batches/{batch}", "control", "predict"),
    Route("DELETE", "/models/{model}/batches/{batch}", "control", "batch"),
    Route("POST", "/models/{model}/batches/{batch}/retry", "control", "batch"),
    Route("GET", "/models/{model}/predictions/{id}", "control", "predict"),
    Route("POST", "/models/{model}/predictions", "control", "predict"),
    Route("PUT", "/models/{model}/predictions", "control", "admin"),
    Route("GET", "/models/{model}/versions", "control", "predict"),
    Route("GET", "/models/{model}/versions/{version}", "control", "predict"),
    Route("GET", "/models/{model}/production", "control", "predict"),
    Route("PUT", "/models/{model}/production", "control", "admin"),
    Route("GET", "/models/{model}/history", "control", "predict"),
    Route("GET", "/models/{model}/performance", "control", "predict"),
    Route("GET", "/models/{model}/args", "control", "predict"),
    Route("GET", "/models/{model}/args/{arg}", "control", "predict"),
)

RESOURCES = frozenset(
    route.path.split("/")[3] for route in ROUTES if route.path.startswith(f"/models/{MODEL_PLACEHOLDER}/")
)
"""The names below a model's path: predict, jobs, versions ..."""


def protocol_paths(protocol: Protocol, definitions: Iterable[Definition]) -> dict[str, str]:
    """The predict paths of a protocol, each with the name of its model."""
    models = tuple(definitions)
    routes = [route for route in ROUTES if route.function == "predict" and route.protocol == protocol]
    return {path: name for route in routes for path, name in _paths_of_models(route, models)}


@dataclass(frozen=True, slots=True)
class GatewayRoute:
    """A route of the gateway. The predict function of `model` answers; None means control."""

    method: str
    path: str
    scope: Scope
    model: str | None

    @property
    def key(self) -> str:
        """The route in the spelling of the gateway: `GET /models/{model}/jobs`."""
        return f"{self.method} {self.path}"


def gateway_routes(definitions: Iterable[Definition]) -> list[GatewayRoute]:
    """Every route of the gateway; routes to predict functions are repeated for each model.

    A path of the gateway cannot end in a slash, so a second route catches requests that do. Public routes and routes
    of other protocols have no second route: it would also catch every path below them. Only monitors may ask by HEAD.
    """
    models = tuple(definitions)
    gateway: list[GatewayRoute] = []
    for route in ROUTES:
        # the second route of POST /models/{model} would catch POST /models/{model}/predict/
        has_slash = route.scope != "public" and route.protocol == "despliegue"
        paths = [(route.path, None)] if route.function == "control" else _paths_of_models(route, models)
        for path, model in paths:
            gateway += [
                GatewayRoute(route.method, one, route.scope, model)
                for one in ((path, f"{path}/{SLASH}") if has_slash else (path,))
            ]
        if route.path in MONITORED:
            gateway.append(GatewayRoute("HEAD", route.path, route.scope, None))
    return gateway


@dataclass(frozen=True, slots=True)
class TokenNeed:
    """The scope that a token needs for a route, and its model; None where the path names the model, if any."""

    scope: TokenScope
    model: str | None


def token_needs(definitions: Iterable[Definition]) -> dict[str, TokenNeed]:
    """The scope and the model that a token needs for each route key of the gateway. Public routes are left out."""
    return {
        route.key: TokenNeed(route.scope, route.model)
        for route in gateway_routes(definitions)
        if route.scope != "public"
    }


def _paths_of_models(route: Route, definitions: Iterable[Definition]) -> list[tuple[str, str]]:
    """The path of a route for each model that has it, with the name of the model."""
    found = [(route.path_of(definition), definition.name) for definition in definitions]
    return [(path, name) for path, name in found if path is not None]


def route_of(method: str, path: str) -> Route | None:
    """The route that serves a decoded path, None if none does; a part that is spelled out counts before a variable."""
    parts = _parts_of_path(path)
    candidates = _candidates(method, len(parts))
    return next((route for route in candidates if _fit(_parts(route.path), parts)), None)


def fits(template: str, path: str) -> bool:
    """Return True if a path has the parts of a template, with something for each variable.

    One line end after the path counts for nothing, as it does in the regular expressions of Starlette's routing.
    """
    wanted, parts = _parts(template), _parts_of_path(path)
    return len(parts) == len(wanted) and _fit(wanted, parts)


def named_model(route: Route, path: str) -> str | None:
    """The part of a decoded path that is in the place of {model}; None for a route without it."""
    wanted = _parts(route.path)
    return _parts_of_path(path)[wanted.index(MODEL_PLACEHOLDER)] if MODEL_PLACEHOLDER in wanted else None


def _parts_of_path(path: str) -> list[str]:
    return path.removesuffix("\n").split("/")


def _fit(wanted: Sequence[str], parts: Sequence[str]) -> bool:
    return all(part == wants or (bool(part) and _is_variable(wants)) for part, wants in zip(parts, wanted, strict=True))


@cache
def _candidates(method: str, parts: int) -> Sequence[Route]:
    """The routes of a method that have so many parts, those with fewer variables first."""
    found = [route for route in ROUTES if route.method == method and len(_parts(route.path)) == parts]
    return sorted(found, key=lambda route: sum(map(_is_variable, _parts(route.path))))


@cache
def _parts(template: str) -> Sequence[str]:
    """A {hub_id} is two parts."""
    return template.replace(HUB_ID_PLACEHOLDER, "{owner}/{name}").split("/")


def _is_variable(part: str) -> bool:
    return part.startswith("{")
