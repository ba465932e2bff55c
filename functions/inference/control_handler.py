"""The control function on Lambda: catalogue, training requests, jobs, versions and promotion of all models."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.aws.batch_prices import batch_prices
from functions.aws.download_links import S3DownloadLinks
from functions.aws.logs import json_logger
from functions.aws.prediction_table import PredictionTable
from functions.aws.s3_location import S3Location
from functions.aws.settings import ControlSettings
from functions.aws.upload_links import S3UploadLinks
from functions.core.locations import open_storage
from functions.core.model_folder import load_definitions
from functions.core.registry import Registry
from functions.core.routes import gateway_routes
from functions.core.submission import Submissions
from functions.inference.application import create_application
from functions.inference.authorised_route import AuthorisedRoute
from functions.inference.control.context import Batching, Control
from functions.inference.control.fastapi_app import fastapi_app
from functions.inference.control.router import control_routers
from functions.inference.http_handler import HttpHandler, RequestFacts


def _control(settings: ControlSettings) -> Control:
    uploads = S3Location.parse(settings.uploads)
    files = open_storage(settings.uploads)
    registry = Registry(open_storage(settings.registry))
    return Control(
        definitions=load_definitions(settings.models),
        registry=registry,
        submissions=Submissions(registry, files),
        links=S3UploadLinks(uploads.bucket, uploads.prefix),
        batching=Batching(
            registry.storage,
            files,
            PredictionTable(settings.predictions, days=settings.batch_days),
            S3DownloadLinks(uploads.bucket, uploads.prefix),
            batch_prices(settings.batch_memory_mb),
        ),
        is_behind_gateway=True,
        trainer_memory_bytes=settings.trainer_memory_bytes,
    )


logger = json_logger()
_settings = ControlSettings.read(os.environ)
_shared = _control(_settings)
_guard = partial(AuthorisedRoute, routes=gateway_routes(_shared.definitions.values()))
_application = create_application(
    fastapi_app(control_routers(_shared)), _shared.definitions.values(), base_path=_settings.base_path, guard=_guard
)
_http = HttpHandler(_application, logger)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request to the HTTP API (payload version 2.0)."""
    return _http.answer(event, context, lambda: _facts(event))


def _facts(event: dict[str, Any]) -> RequestFacts:
    # the gateway leaves the parameters out, or null, for a path that has none
    model = (event.get("pathParameters") or {}).get("model")
    return RequestFacts(names={"model": model}, logged={"route": event.get("routeKey")})
