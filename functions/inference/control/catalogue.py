"""Which models there are, and what each one takes and gives."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import APIRouter, Request, Response

from functions import SERVICE, VERSION
from functions.core.definition import Definition
from functions.core.errors import DamagedRecordError
from functions.core.json_schema import instance_schema, prediction_schema
from functions.core.manifest import Manifest
from functions.inference.control.context import Control
from functions.inference.control.declarations import answers
from functions.inference.control.responses import Health, ModelDetails, Models
from functions.inference.envelope import answer

logger = logging.getLogger(__name__)


def catalogue_router(control: Control) -> APIRouter:
    router = APIRouter(tags=["catalogue"])

    @router.get("/", responses=answers(Health, refused=()))
    def health(request: Request) -> Response:
        return answer(request, {"service": SERVICE, "version": VERSION, "models": list(control.definitions)})

    @router.get("/models", responses=answers(Models, refused=(503,)))
    def models(request: Request) -> Response:
        summaries = [_summary(one, _production_version(control, one)) for one in control.definitions.values()]
        return answer(request, {"models": summaries})

    @router.get("/models/{model}", responses=answers(ModelDetails))
    def model_details(request: Request, model: str) -> Response:
        definition = control.definition(model)
        manifest = control.registry.production_manifest(definition.name)
        version = manifest.version if manifest else None
        return answer(request, {**_summary(definition, version), **_details(definition, manifest)})

    return router


def _production_version(control: Control, definition: Definition) -> int | None:
    """None also where it cannot be read: one damaged model hides no other."""
    try:
        production = control.registry.pointer(definition.name).production
    except DamagedRecordError as error:
        logger.error("%s", error)
        return None
    return production.version if production else None


def _details(definition: Definition, manifest: Manifest | None) -> dict[str, Any]:
    """What production takes and gives; before the first version, what the definition says."""
    schema = manifest.schema if manifest else definition.schema
    return {
        "schema": instance_schema(schema),
        "prediction_schema": prediction_schema(schema, definition.task),
        "example": manifest.example if manifest else definition.examples[0],
        "metrics": manifest.metrics if manifest else None,
        "limits": manifest.limits if manifest else definition.limits,
    }


def _summary(definition: Definition, version: int | None) -> dict[str, Any]:
    return {
        "name": definition.name,
        "task": definition.task,
        "description": definition.description,
        "retrainable": definition.retrainable,
        "hub_id": definition.hub_id,
        "version": version,
    }
