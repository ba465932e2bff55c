"""Routes for versions, promotion, and the performance and arguments of the version in production."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt
from starlette.concurrency import run_in_threadpool

from functions.core.column_check import LARGEST_EXACT_INTEGER, whole
from functions.core.errors import NotFoundError, NotReadyError
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


class Promotion(BaseModel):
    """The version that shall serve; if it is pinned, no training job changes that."""

    model_config = ConfigDict(extra="forbid")
    # strict, as pydantic would take "1" and true for 1
    version: Annotated[StrictInt, Field(ge=1, le=LARGEST_EXACT_INTEGER), BeforeValidator(whole)]
    pin: StrictBool = False


def version_router(control: Control) -> APIRouter:
    router = APIRouter(prefix="/models/{model}", tags=["versions"])
    registry = control.registry

    @router.get("/versions", responses=answers(shapes.Versions, refused=LISTED))
    def versions(request: Request, model: str, page: Page = 1, page_size: PageSize = 50) -> Response:
        control.definition(model)
        read = partial(registry.newest_versions, model)
        return answer(request, paged(shapes.Versions, read, page, page_size, shapes.VersionSummary.of))

    @router.get("/versions/{version}", responses=answers(shapes.VersionDetails, refused=LISTED))
    def version_details(request: Request, model: str, version: int) -> Response:
        control.definition(model)
        manifest = registry.manifest(model, version)
        batches = control.batching.batches.of_version(model, version)
        return answer(request, shapes.VersionDetails.of(manifest, batches=batches))

    @router.put("/production", responses=answers(shapes.Production, refused=CHANGED), openapi_extra=takes(Promotion))
    async def promote(request: Request, model: str) -> Response:
        control.definition(model)
        wanted = await read_options(request, Promotion)
        production = await run_in_threadpool(_promote, registry, model, wanted, request_actor(request.scope))
        return answer(request, shapes.Production.of(production))

    @router.get("/history", responses=answers(shapes.History, refused=LISTED))
    def history(request: Request, model: str, page: Page = 1, page_size: PageSize = 50) -> Response:
        control.definition(model)
        read = partial(registry.newest_promotions, model)
        return answer(request, paged(shapes.History, read, page, page_size, shapes.Production.of))

    @router.get("/performance", responses=answers(shapes.Performance))
    def performance(request: Request, model: str, filter: str | None = None) -> Response:
        manifest = _production_manifest(control, model)
        whole = orjson.loads(registry.artifact(manifest, "performance.json"))
        chosen = whole if filter is None else _entry("filter", whole, filter)
        return answer(request, shapes.Performance(chosen, manifest.metrics_in_sample))

    @router.get("/args", responses=answers(shapes.Args))
    def args(request: Request, model: str) -> Response:
        return answer(request, shapes.Args(_production_manifest(control, model).args))

    @router.get("/args/{arg}", responses=answers(dict[str, Any]))
    def one_arg(request: Request, model: str, arg: str) -> Response:
        manifest = _production_manifest(control, model)
        return answer(request, {arg: _entry("argument", manifest.args, arg)})

    return router


def _promote(registry: Registry, model: str, wanted: Promotion, actor: str) -> Production:
    """Promote after checks of the files and the manifest alone: this function loads no model."""
    check_version(registry, model, wanted.version)
    return registry.promote_now(model, wanted.version, actor=actor, pinned=wanted.pin)


def _production_manifest(control: Control, model: str) -> Manifest:
    manifest = control.registry.production_manifest(control.definition(model).name)
    if manifest is None:
        raise NotReadyError(f"{model} has no version in production yet: train it first")
    return manifest


def _entry(kind: str, entries: Mapping[str, Any], name: str) -> Any:
    if name not in entries:
        raise NotFoundError(kind, name, sorted(entries))
    return entries[name]
