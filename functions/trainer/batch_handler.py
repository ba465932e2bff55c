"""The stages of a batch on Lambda that need the libraries of training: steps of the state machine of batches."""

from __future__ import annotations

import os
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.aws.logs import json_logger
from functions.aws.pings import is_ping
from functions.aws.settings import TrainingSettings
from functions.core.batches import Batches
from functions.core.definition import get_definition
from functions.core.locations import open_storage
from functions.core.model_folder import load_definitions
from functions.core.registry import Registry
from model_export.batch_files.stages import BatchStages

logger = json_logger()
_settings = TrainingSettings.read(os.environ)
_definitions = load_definitions(_settings.models)
_registry, _files = Registry(open_storage(_settings.registry)), open_storage(_settings.uploads)
_batches = Batches(_registry.storage, _files)
_stages = BatchStages(_batches, _registry, _files)


@logger.inject_lambda_context(log_event=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """Convert the file of a batch, or complete its results; the answer names the batch for the next step.

    Raises NotFoundError for a batch or a model that was removed; the state machine then goes on to the end.
    """
    if is_ping(event):
        return {}
    named = {"model": event["model"], "batch": event["batch"]}
    batch = _batches.read(**named)
    if event["step"] == "convert":
        _stages.convert(batch, get_definition(_definitions, batch.model))
    else:
        _stages.complete(batch)
    logger.info("stage done", extra={**named, "step": event["step"]})
    return named
