"""The catalogue: all models, with the schema of what each takes and gives."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request, Response

from functions import SERVICE, VERSION
from functions.core.definition import Definition
from functions.core.history import Production
from functions.core.json_schema import instance_schema, prediction_schema
from functions.core.manifest import Manifest, scoring_of
from functions.core.verdicts import Outcome, outcomes
from functions.inference.accepted_types import prefers_html
from functions.inference.control.context import Control
from functions.inference.control.declarations import answers
from functions.inference.control.playground.routes import playground_page
from functions.inference.control.responses import FileColumns, Health, ModelDetails, Models, ModelSchema, ModelSummary
from functions.inference.envelope import answer

NO_VERSION = Outcome(None, None, in_production=False)


def catalogue_router(control: Control) -> APIRouter:
    router = APIRouter(tags=["catalogue"])
    own_health = Health(SERVICE, VERSION, list(control.definitions))

    @router.get("/", responses=answers(Health, refused=()))
    def health(request: Request) -> Response:
        """Health and the names of the models.

        A browser, which asks for text/html, gets the page where people try the models; it is at /playground as well.
        """
        is_page = prefers_html(request.headers.get("accept", ""))
        found = playground_page(request, control) if is_page else answer(request, own_health)
        found.headers.add_vary_header("Accept")
        return found

    # the name that generated clients know
    @router.get(
        "/ping",
        responses=answers(Health, refused=()),
        operation_id="health_ping_get",
    )
    def ping(request: Request) -> Response:
        """Health, for monitors.

        The answer is that of `/`, and always JSON. It reads nothing, so it says nothing about the registry.
        """
        return answer(request, own_health)

    @router.get("/models", responses=answers(Models, refused=(503,)))
    def models(request: Request) -> Response:
        """All models, each with its version in production."""
        definitions = control.definitions.values()
        return answer(
            request, Models([ModelSummary.of(one, version=_production_version(control, one)) for one in definitions])
        )

    @router.get("/models/{model}", responses=answers(ModelDetails))
    def model_details(request: Request, model: str) -> Response:
        """One model: what it takes and gives, its metrics and its limits.

        The schema has nothing that was learned from training rows, so it is public.
        """
        definition = control.definition(model)
        return answer(request, _details(control, definition, control.registry.pointer(definition.name).production))

    @router.get("/models/{model}/schema", responses=answers(ModelSchema))
    def model_schema(request: Request, model: str) -> Response:
        """The whole schema of the version in production, with an example.

        It has the levels and ranges of the training rows: a value outside them is answered with a warning.
        """
        definition = control.definition(model)
        manifest = control.registry.production_manifest(definition.name)
        return answer(request, _schema(definition, manifest))

    return router


def _production_version(control: Control, definition: Definition) -> int | None:
    """Number of the version in production. None also if it cannot be read: one damaged model hides no other."""
    production = control.registry.production(definition.name)
    return production.version if production else None


def _details(control: Control, definition: Definition, production: Production | None) -> ModelDetails:
    """Details of the version in production; before the first version, of the definition."""
    registry, model = control.registry, definition.name
    manifest = registry.promoted_manifest(model, production) if production else None
    source = manifest or definition
    outcome = outcomes(registry.storage, model, [production.version], production)[0] if production else NO_VERSION
    return ModelDetails.of(
        definition,
        version=manifest.version if manifest else None,
        schema=instance_schema(source.schema),
        prediction_schema=prediction_schema(source.schema, definition.task, scoring_of(manifest)),
        targets=source.schema.target_names,
        metrics=manifest.metrics if manifest else None,
        metrics_in_sample=manifest is not None and manifest.metrics_in_sample,
        measured_on=manifest.measured_on if manifest else None,
        promoted=outcome.promoted,
        reason=outcome.reason,
        in_production=outcome.in_production,
        # the version's own, but for a training file: it is read by the trainer of today
        limits={**asdict(source.limits), "max_training_bytes": control.training_limit(definition)},
        files=FileColumns.of(definition.files),
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
