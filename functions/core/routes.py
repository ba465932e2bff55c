"""The HTTP interface as a table: what is served, by which function, and with which scope.

The applications, the API Gateway and the token authorizer are all derived from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from functions.core.definition import Definition, Task

TokenScope = Literal["predict", "train", "admin"]
Scope = Literal["public", TokenScope]
Function = Literal["control", "predict"]
MODEL = "{model}"
HUB_ID = "{hub_id}"
HUGGING_FACE_TASKS: tuple[Task, ...] = ("question-answering", "text-classification")


@dataclass(frozen=True, slots=True)
class Route:
    """`path` as FastAPI and API Gateway spell it; a `predict` route goes to its model's own function.

    One with `tasks` is there for the models of these tasks only. Where the path says {hub_id}, the model's
    own stands, `owner/name`, and a model without one has no such path.
    """

    method: Literal["GET", "POST", "PUT"]
    path: str
    function: Function
    scope: Scope
    tasks: tuple[Task, ...] = ()

    def path_of(self, definition: Definition) -> str | None:
        """The path for one model; None where it has none."""
        if self.tasks and definition.task not in self.tasks:
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
    Route("POST", "/models/{model}", "predict", "predict", HUGGING_FACE_TASKS),
    Route("POST", "/models/{hub_id}", "predict", "predict", HUGGING_FACE_TASKS),
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


def hugging_face_paths(definitions: Iterable[Definition]) -> dict[str, str]:
    """The paths of the Hugging Face protocol, each with the name of its model."""
    routes = [route for route in ROUTES if route.tasks]
    found = [(route.path_of(definition), definition.name) for definition in definitions for route in routes]
    return {path: name for path, name in found if path is not None}


def token_scopes(definitions: Iterable[Definition]) -> dict[str, TokenScope]:
    """The scope that a token needs, by route key as the gateway writes it: `GET /models/{model}/jobs`.

    A route of a model's own function stands there once for each model. Public routes are left out.
    """
    models = tuple(definitions)
    found: dict[str, TokenScope] = {}
    for route in ROUTES:
        if route.scope != "public":
            found |= {f"{route.method} {path}": route.scope for path in _gateway_paths(route, models)}
    return found


def _gateway_paths(route: Route, definitions: Iterable[Definition]) -> list[str]:
    if route.function == "control":
        return [route.path]
    return [path for definition in definitions if (path := route.path_of(definition)) is not None]
