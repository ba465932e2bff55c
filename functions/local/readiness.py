"""Readiness of a server for probes: whether its models can be served, each opened as a prediction would open it."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from functions.core.errors import DespliegueError, Fault
from functions.inference.envelope import answer, refusal
from functions.inference.failures import RETRY_AFTER_SECONDS
from functions.serving.models import ServedModels

logger = logging.getLogger(__name__)
READINESS_PATH = "/ready"


@dataclass(frozen=True, slots=True)
class ModelReadiness:
    """The version that answers for a model; without one, the reason."""

    name: str
    version: int | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Readiness:
    """`ready` is True if every model can be served."""

    ready: bool
    models: list[ModelReadiness]


def readiness_router(models: ServedModels) -> APIRouter:
    """The route for probes: 503 as long as no model can be served; with `?all=true`, as long as any cannot.

    One model without a version must not take the others out of service, nor itself out of reach of its first rows.
    """
    router = APIRouter(include_in_schema=False)

    @router.get(READINESS_PATH)
    def ready(request: Request, all: bool = False) -> Response:
        found = [_readiness(models, name) for name in models.definitions]
        lacking = [one for one in found if one.version is None]
        if lacking and (all or len(lacking) == len(found)):
            faults = [Fault((one.name,), str(one.reason), "not_ready") for one in lacking]
            return refusal(request, 503, faults, {"Retry-After": str(RETRY_AFTER_SECONDS)})
        return answer(request, Readiness(not lacking, found))

    return router


def _readiness(models: ServedModels, name: str) -> ModelReadiness:
    try:
        version = models.served(name).current().manifest.version
    except DespliegueError as error:
        return ModelReadiness(name, None, error.public)
    return ModelReadiness(name, version, None)
