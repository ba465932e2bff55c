"""Routes for the version in production: which it is, its promotion and rollback, and the history."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt
from starlette.concurrency import run_in_threadpool

from functions.core.column_check import LARGEST_EXACT_INTEGER, whole
from functions.core.errors import NotReadyError
from functions.core.history import Production
from functions.core.manifest import Manifest
from functions.core.registry import Registry
from functions.core.version_check import check_version
from functions.inference.control import responses as shapes
from functions.inference.control.context import Control, request_actor
from functions.inference.control.declarations import answers, takes
from functions.inference.control.options import read_options
from functions.inference.control.paging import Page, PageSize, paged
from functions.inference.envelope import answer
from functions.inference.openapi import CHANGED, LISTED

OF_VERSION = ("model", "task", "created", "metrics", "metrics_in_sample", "measured_on", "data")
"""What an answer about production has from the manifest."""


class Promotion(BaseModel):
    """The version that shall serve; if it is pinned, no training job changes that."""

    model_config = ConfigDict(extra="forbid")
    # strict, as pydantic would take "1" and true for 1
    version: Annotated[StrictInt, Field(ge=1, le=LARGEST_EXACT_INTEGER), BeforeValidator(whole)]
    pin: StrictBool = False


def production_router(control: Control) -> APIRouter:
    router = APIRouter(prefix="/models/{model}", tags=["versions"])
    registry = control.registry

    @router.get("/production", responses=answers(shapes.ProductionDetails))
    def production(request: Request, model: str) -> Response:
        """The version in production: since when, by whom and why, and what its metrics were measured on."""
        current = current_promotion(registry, control.definition(model).name)
        manifest = registry.promoted_manifest(model, current)
        return answer(request, _in_production(manifest, current))

    @router.put("/production", responses=answers(shapes.Production, refused=CHANGED), openapi_extra=takes(Promotion))
    async def promote(request: Request, model: str) -> Response:
        """Put a version in production, or roll back to an earlier one.

        The next prediction is made by it. Pinned, it stays until somebody promotes another one: no training replaces
        it.
        """
        control.definition(model)
        wanted = await read_options(request, Promotion)
        production = await run_in_threadpool(_promote, registry, model, wanted, request_actor(request.scope))
        return answer(request, shapes.Production.of(production, in_production=True))

    @router.get("/history", responses=answers(shapes.History, refused=LISTED))
    def history(request: Request, model: str, page: Page = 1, page_size: PageSize = 50) -> Response:
        """History of production, newest first: which version when, by whom and why."""
        control.definition(model)
        current = registry.production(model)

        def show(promotion: Production) -> shapes.Production:
            return shapes.Production.of(promotion, in_production=promotion == current)

        read = partial(registry.newest_promotions, model)
        return answer(request, paged(shapes.History, read, page, page_size, show))

    return router


def current_promotion(registry: Registry, model: str) -> Production:
    """The promotion that serves; raises NotReadyError before the first one."""
    current = registry.pointer(model).production
    if current is None:
        raise NotReadyError(f"{model} has no version in production yet: train it first")
    return current


def _promote(registry: Registry, model: str, wanted: Promotion, actor: str) -> Production:
    """Promote after checks of the files and the manifest alone: this function loads no model."""
    check_version(registry, model, wanted.version)
    return registry.promote_now(model, wanted.version, actor=actor, pinned=wanted.pin)


def _in_production(manifest: Manifest, promotion: Production) -> shapes.ProductionDetails:
    of_version = {name: getattr(manifest, name) for name in OF_VERSION}
    return shapes.ProductionDetails.of(promotion, in_production=True, **of_version)
