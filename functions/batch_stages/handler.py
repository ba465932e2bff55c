"""The function of the training image for batches: files that are not plain, Parquet, and metrics of a run.

The state machine asks for a step; each may come twice.
"""

from __future__ import annotations

import os
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.aws.event_bus import announcer_of
from functions.aws.logs import json_logger
from functions.aws.pings import is_ping
from functions.aws.settings import TrainerSettings
from functions.batches.finishing import Finisher
from functions.core.announcements import announcement_of_batch
from functions.core.batch_record import Batch
from functions.core.batches import Batches
from functions.core.definition import get_definition
from functions.core.errors import InvalidInputError, NotFoundError, NotReadyError
from functions.core.locations import open_storage
from functions.core.model_folder import load_definitions
from functions.core.registry import Registry
from model_export.batch_files.stages import BatchStages

logger = json_logger()
_settings = TrainerSettings.read(os.environ)
_definitions = load_definitions(_settings.models)
_registry = Registry(open_storage(_settings.registry))
_files = open_storage(_settings.uploads)
_batches = Batches(_registry.storage, _files)
_stages = BatchStages(_batches, _registry, _files)
_announcer = announcer_of(_settings.deployment)
_finisher = Finisher(
    _batches, _registry.storage, _files, on_end=lambda batch: _announcer.announce(announcement_of_batch(batch))
)


@logger.inject_lambda_context(log_event=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Do the step `convert` or `complete` of a batch; a file that cannot be read ends its batch."""
    if is_ping(event):
        return {}
    # an execution that an older release began has no attempt
    step, named = event["step"], {"model": event["model"], "batch": event["batch"], "attempt": event.get("attempt")}
    facts = {"step": step, **named}
    try:
        batch = _batches.read_attempt(**named)
        if batch is not None:
            _do(step, batch)
    except Exception:
        logger.exception("step failed", extra=facts)
        raise
    logger.info("step done", extra=facts)
    return named


def _do(step: str, batch: Batch) -> None:
    if step == "complete":
        _stages.complete(batch)
        return
    try:
        _stages.convert(batch, get_definition(_definitions, batch.model))
    except InvalidInputError as error:
        _finisher.refuse(batch, error)
    except (NotReadyError, NotFoundError) as error:
        _finisher.fail(batch, str(error))
