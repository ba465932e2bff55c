"""Routes for versions, and the performance and arguments of the version in production."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from functions.core.errors import NotFoundError
from functions.core.excerpts import Excerpt
from functions.core.manifest import Manifest
from functions.core.registry import Registry
from functions.core.verdicts import Outcome, outcomes
from functions.inference.control import responses as shapes
from functions.inference.control.context import Control
from functions.inference.control.declarations import answers
from functions.inference.control.paging import Page, PageSize, paged
from functions.inference.control.production import current_promotion
from functions.inference.envelope import answer
from functions.inference.openapi import LISTED


def version_router(control: Control) -> APIRouter:
    router = APIRouter(prefix="/models/{model}", tags=["versions"])
    registry = control.registry

    @router.get("/versions", responses=answers(shapes.Versions, refused=LISTED))
    def versions(request: Request, model: str, page: Page = 1, page_size: PageSize = 50) -> Response:
        """The versions of a model, newest first.

        Each has its metrics, its training rows, and how closely its graph equals the pipeline.
        """
        control.definition(model)
        read = partial(_newest, registry, model)
        return answer(request, paged(shapes.Versions, read, page, page_size, _summary))

    @router.get("/versions/{version}", responses=answers(shapes.VersionDetails, refused=LISTED))
    def version_details(request: Request, model: str, version: int) -> Response:
        """One version: also its files with their digests, and the libraries that made it."""
        control.definition(model)
        manifest = registry.manifest(model, version)
        (outcome,) = outcomes(registry.storage, model, [version], registry.production(model))
        batches = control.batching.batches.of_version(model, version)
        return answer(request, shapes.VersionDetails.of(manifest, batches=batches, **asdict(outcome)))

    @router.get("/performance", responses=answers(shapes.Performance))
    def performance(request: Request, model: str, filter: str | None = None) -> Response:
        """Performance of the version in production: overall, for each class, and for slices of the rows.

        It was measured on rows held out from training, unless `metrics_in_sample` is true.
        """
        manifest = _production_manifest(control, model)
        whole = orjson.loads(registry.artifact(manifest, "performance.json"))
        chosen = whole if filter is None else _entry("filter", whole, filter)
        return answer(request, shapes.Performance(chosen, manifest.metrics_in_sample, manifest.measured_on))

    @router.get("/args", responses=answers(shapes.Args))
    def args(request: Request, model: str) -> Response:
        """The arguments that the version in production was trained with."""
        return answer(request, shapes.Args(_production_manifest(control, model).args))

    @router.get("/args/{arg}", responses=answers(dict[str, Any]))
    def one_arg(request: Request, model: str, arg: str) -> Response:
        """One argument that the version in production was trained with."""
        manifest = _production_manifest(control, model)
        return answer(request, {arg: _entry("argument", manifest.args, arg)})

    return router


def _newest(registry: Registry, model: str, start: int, count: int) -> Excerpt[tuple[Manifest, Outcome]]:
    found = registry.newest_versions(model, start, count)
    versions = [manifest.version for manifest in found.entries]
    states = outcomes(registry.storage, model, versions, registry.production(model))
    return Excerpt(list(zip(found.entries, states, strict=True)), found.total)


def _summary(judged: tuple[Manifest, Outcome]) -> shapes.VersionSummary:
    manifest, outcome = judged
    return shapes.VersionSummary.of(manifest, **asdict(outcome))


def _production_manifest(control: Control, model: str) -> Manifest:
    registry = control.registry
    return registry.promoted_manifest(model, current_promotion(registry, control.definition(model).name))


def _entry(kind: str, entries: Mapping[str, Any], name: str) -> Any:
    if name not in entries:
        raise NotFoundError(kind, name, sorted(entries))
    return entries[name]
