"""Which models there are, and what each one takes and gives."""

from __future__ import annotations

import logging
from dataclasses import asdict

from fastapi import APIRouter, Request, Response

from functions import SERVICE, VERSION
from functions.core.definition import Definition
from functions.core.errors import DamagedRecordError
from functions.core.json_schema import instance_schema, prediction_schema
from functions.core.manifest import Manifest
from functions.inference.control.context import Control
from functions.inference.control.declarations import answers
from functions.inference.control.responses import Health, ModelDetails, Models, ModelSummary
from functions.inference.envelope import answer

logger = logging.getLogger(__name__)


def catalogue_router(control: Control) -> APIRouter:
    router = APIRouter(tags=["catalogue"])

    @router.get("/", responses=answers(Health, refused=()))
    def health(request: Request) -> Response:
        return answer(request, Health(SERVICE, VERSION, list(control.definitions)))

    @router.get("/models", responses=answers(Models, refused=(503,)))
    def models(request: Request) -> Response:
        found = [(one, _production_version(control, one)) for one in control.definitions.values()]
        return answer(request, Models([ModelSummary.of(one, version=version) for one, version in found]))

    @router.get("/models/{model}", responses=answers(ModelDetails))
    def model_details(request: Request, model: str) -> Response:
        definition = control.definition(model)
        manifest = control.registry.production_manifest(definition.name)
        return answer(request, _details(definition, manifest))

    return router


def _production_version(control: Control, definition: Definition) -> int | None:
    """None also where it cannot be read: one damaged model hides no other."""
    try:
        production = control.registry.pointer(definition.name).production
    except DamagedRecordError as error:
        logger.error("%s", error)
        return None
    return production.version if production else None


def _details(definition: Definition, manifest: Manifest | None) -> ModelDetails:
    """What the version in production takes and gives; before the first, what the definition says."""
    known = manifest or definition
    return ModelDetails.of(
        definition,
        version=manifest.version if manifest else None,
        schema=instance_schema(known.schema),
        prediction_schema=prediction_schema(known.schema, definition.task),
        example=manifest.example if manifest else definition.examples[0],
        metrics=manifest.metrics if manifest else None,
        limits=asdict(known.limits),
    )
