"""The HTTP interface as a table: what is served, by which function, and with which scope.

The applications, the API Gateway and the token authorizer are all derived from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Scope = Literal["public", "predict", "train", "admin"]
Function = Literal["control", "predict"]


@dataclass(frozen=True, slots=True)
class Route:
    """`path` as FastAPI and API Gateway spell it; a `predict` route goes to its model's own function."""

    method: Literal["GET", "POST", "PUT"]
    path: str
    function: Function
    scope: Scope


ROUTES: tuple[Route, ...] = (
    Route("GET", "/", "control", "public"),
    Route("GET", "/docs", "control", "public"),
    Route("GET", "/docs/{asset}", "control", "public"),
    Route("GET", "/openapi.json", "control", "public"),
    Route("GET", "/models", "control", "public"),
    Route("GET", "/models/{model}", "control", "public"),
    Route("POST", "/models/{model}/predict", "predict", "predict"),
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
