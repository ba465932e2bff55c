"""The control function on Lambda: catalogue, training requests, jobs, versions and promotion of all models."""

from __future__ import annotations

import os
from functools import partial
from typing import Any, cast

from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext
from mangum import Mangum
from mangum.types import ASGI

from functions.aws.client import shared_s3_client
from functions.aws.logs import json_logger
from functions.aws.metrics import FunctionMetrics, request_metrics
from functions.aws.s3_location import S3Location
from functions.aws.settings import TrainingSettings
from functions.aws.upload_links import S3UploadLinks
from functions.core.locations import open_storage
from functions.core.model_folder import load_definitions
from functions.core.registry import Registry
from functions.core.routes import gateway_routes
from functions.core.submission import Submissions
from functions.inference.application import create_application
from functions.inference.authorised_route import AuthorisedRoute
from functions.inference.control.context import Control
from functions.inference.control.router import control_routers
from functions.inference.invocation import answer_event


def _control(settings: TrainingSettings) -> Control:
    uploads = S3Location.parse(settings.uploads)
    registry = Registry(open_storage(settings.registry))
    return Control(
        definitions=load_definitions(settings.models),
        registry=registry,
        submissions=Submissions(registry, open_storage(settings.uploads)),
        links=S3UploadLinks(uploads.bucket, uploads.prefix, shared_s3_client()),
    )


logger = json_logger()
metrics = FunctionMetrics()
_shared = _control(TrainingSettings.read(os.environ))
_guard = partial(AuthorisedRoute, routes=gateway_routes(_shared.definitions.values()))
_routes = create_application(control_routers(_shared), guard=_guard)
_application = Mangum(cast(ASGI, _routes), lifespan="off")


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_HTTP, log_event=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answers an HTTP API request (payload version 2.0)."""
    return answer_event(_application, event, context, partial(_tell, event))


def _tell(event: dict[str, Any], status: int, latency_ms: float) -> None:
    """One line for people, one for CloudWatch; neither holds anything that was sent but the model's name."""
    model = (event.get("pathParameters") or {}).get("model")
    extra = {"status": status, "route": event.get("routeKey"), "model": model, "latency_ms": latency_ms}
    logger.info("request answered", extra=extra)
    metrics.write(request_metrics(status, latency_ms), model=model)
