"""The predict function of one model on Lambda, which loads the version in production before the first request."""

from __future__ import annotations

import gc

# until the end of this module: all that a start makes stays, and looking through it for garbage takes a twentieth of it
gc.disable()

import os
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.aws.logs import json_logger
from functions.aws.settings import PredictSettings
from functions.core.artifact_cache import ArtifactCache
from functions.core.errors import NotReadyError
from functions.core.locations import open_storage
from functions.core.model_folder import load_definition
from functions.core.registry import Registry
from functions.core.routes import gateway_routes
from functions.inference.application import create_application
from functions.inference.authorised_route import AuthorisedRoute
from functions.inference.http_handler import HttpHandler, MangumAtOnce, RequestFacts
from functions.inference.plain_routes import PlainRoutesFirst
from functions.inference.protocols.listed import protocol_routes
from functions.inference.request_report import Report, reporting
from functions.serving.models import ServedModels

LARGEST_AT_START_BYTES = 200_000_000
"""A larger version is left to the first request."""
SLOW_SHARE = 0.8
"""A share of the timeout: requests that take longer are close to being cut off."""
logger = json_logger()


def _models(settings: PredictSettings) -> ServedModels:
    definition = load_definition(settings.models / settings.model)
    artifacts = ArtifactCache(settings.artifacts) if settings.artifacts else None
    registry = Registry(open_storage(settings.registry), artifacts)
    return ServedModels({settings.model: definition}, registry, settings.freshness_seconds)


def _served_bytes(registry: Registry, model: str) -> int:
    """Bytes of the files that are read to serve the version in production; 0 if there is none."""
    production = registry.pointer(model).production
    if production is None:
        return 0
    manifest = registry.manifest(model, production.version)
    return sum(manifest.artifacts[name].size_bytes for name in manifest.served_files if name in manifest.artifacts)


def _load(models: ServedModels) -> None:
    """Load the version in production, and log any failure: Lambda would start a function that fails again and again.

    A large version is left to the first request, because Lambda ends a start after 10 seconds, but a request only
    after the function's own timeout.
    """
    for model, definition in models.definitions.items():
        try:
            # only checkpoints grow that large; for other tasks the registry is spared the questions
            may_be_large = definition.model_kind == "checkpoint"
            if may_be_large and _served_bytes(models.registry, model) > LARGEST_AT_START_BYTES:
                logger.info("a large version is loaded by the first request", extra={"model": model})
                continue
            models.served(model).current()
        except NotReadyError as error:
            logger.warning("nothing to serve yet", extra={"model": model, "error": str(error)})
        except Exception:
            logger.exception("not loaded at the start; the first request tries again", extra={"model": model})


# at import, which Lambda does once, before the first request
_settings = PredictSettings.read(os.environ)
_served = _models(_settings)
_load(_served)
_guard = partial(AuthorisedRoute, routes=gateway_routes(_served.definitions.values()))
_application = create_application(
    PlainRoutesFirst(protocol_routes(_served)),
    _served.definitions.values(),
    base_path=_settings.base_path,
    guard=_guard,
)
_http = HttpHandler(_application, logger, slow_share=SLOW_SHARE, adapter=MangumAtOnce)
# what is there now is left out of every search for garbage, which would take some request milliseconds
gc.freeze()
gc.enable()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request to the HTTP API (payload version 2.0)."""
    with reporting() as report:
        return _http.answer(event, context, partial(_facts, report))


def _facts(report: Report) -> RequestFacts:
    return RequestFacts(
        names={"model": _settings.model, "version": report.version},
        logged={"rows": report.rows},
        counts={"Rows": report.rows, "Warnings": report.warnings, "StaleServing": int(report.is_stale)},
    )
