"""The catalogue: all models, with the schema of what each takes and gives."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request, Response

from functions import SERVICE, VERSION
from functions.core.definition import Definition
from functions.core.json_schema import instance_schema, prediction_schema
from functions.core.manifest import Manifest, scoring_of
from functions.inference.control.context import Control
from functions.inference.control.declarations import answers
from functions.inference.control.responses import Health, ModelDetails, Models, ModelSchema, ModelSummary
from functions.inference.envelope import answer


def catalogue_router(control: Control) -> APIRouter:
    router = APIRouter(tags=["catalogue"])

    @router.get("/", responses=answers(Health, refused=()))
    @router.get("/ping", responses=answers(Health, refused=()), summary="Health, for monitors")
    def health(request: Request) -> Response:
        return answer(request, Health(SERVICE, VERSION, list(control.definitions)))

    @router.get("/models", responses=answers(Models, refused=(503,)))
    def models(request: Request) -> Response:
        definitions = control.definitions.values()
        return answer(
            request, Models([ModelSummary.of(one, version=_production_version(control, one)) for one in definitions])
        )

    @router.get("/models/{model}", responses=answers(ModelDetails))
    def model_details(request: Request, model: str) -> Response:
        definition = control.definition(model)
        manifest = control.registry.production_manifest(definition.name)
        return answer(request, _details(control, definition, manifest))

    @router.get("/models/{model}/schema", responses=answers(ModelSchema))
    def model_schema(request: Request, model: str) -> Response:
        definition = control.definition(model)
        manifest = control.registry.production_manifest(definition.name)
        return answer(request, _schema(definition, manifest))

    return router


def _production_version(control: Control, definition: Definition) -> int | None:
    """Number of the version in production. None also if it cannot be read: one damaged model hides no other."""
    production = control.registry.production(definition.name)
    return production.version if production else None


def _details(control: Control, definition: Definition, manifest: Manifest | None) -> ModelDetails:
    """Details of the version in production; before the first version, of the definition."""
    source = manifest or definition
    return ModelDetails.of(
        definition,
        version=manifest.version if manifest else None,
        schema=instance_schema(source.schema),
        prediction_schema=prediction_schema(source.schema, definition.task, scoring_of(manifest)),
        metrics=manifest.metrics if manifest else None,
        metrics_in_sample=manifest is not None and manifest.metrics_in_sample,
        # the version's own, but for a training file: it is read by the trainer of today
        limits={**asdict(source.limits), "max_training_bytes": control.training_limit(definition)},
    )


def _schema(definition: Definition, manifest: Manifest | None) -> ModelSchema:
    """The whole schema of the version in production; before the first version, of the definition."""
    schema = (manifest or definition).schema
    return ModelSchema(
        definition.name,
        version=manifest.version if manifest else None,
        schema=instance_schema(schema, learned=True),
        prediction_schema=prediction_schema(schema, definition.task, scoring_of(manifest), learned=True),
        example=manifest.example if manifest else definition.examples[0],
    )
