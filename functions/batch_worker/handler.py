"""The function of batches on Lambda: notices of files from a queue, and the steps of the state machine."""

from __future__ import annotations

import os
from typing import Any

import orjson
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.aws.batch_machine import StateMachineRunner
from functions.aws.event_bus import announcer_of
from functions.aws.events import arrivals
from functions.aws.logs import json_logger
from functions.aws.metrics import FunctionMetrics
from functions.aws.pings import is_ping
from functions.aws.prediction_table import PredictionTable
from functions.aws.s3_storage import S3Storage
from functions.aws.settings import BatchSettings
from functions.batch_worker.steps import BatchSteps
from functions.core.announcements import announcement_of_batch
from functions.core.artifact_cache import ArtifactCache
from functions.core.batch_record import Batch, Shard, ShardResult
from functions.core.locations import open_storage
from functions.core.model_folder import load_definitions
from functions.core.records import read_record
from functions.core.registry import Registry

logger = json_logger()
metrics = FunctionMetrics()


def _shard_done(batch: Batch, result: ShardResult) -> None:
    facts = {"model": batch.model, "batch": batch.batch, "shard": result.number}
    logger.info(
        "shard predicted",
        extra={**facts, "rows": result.done, "refused": result.refused, "seconds": result.seconds},
    )
    values = {"Rows": result.done, "RowsRefused": result.refused, "ShardSeconds": result.seconds}
    metrics.write(values, **facts)


# outside the handler: only cold starts pay for it, and a wrong setting fails at once
_settings = BatchSettings.read(os.environ)
_announcer = announcer_of(_settings.deployment)
_files = open_storage(_settings.uploads)
_prefix = _files.prefix.rstrip("/") if isinstance(_files, S3Storage) else ""
_artifacts = ArtifactCache(_settings.artifacts) if _settings.artifacts else None
_steps = BatchSteps(
    load_definitions(_settings.models),
    Registry(open_storage(_settings.registry), _artifacts),
    _files,
    store=PredictionTable(_settings.predictions, days=_settings.batch_days),
    runner=StateMachineRunner(_settings.batch_machine),
    on_shard=_shard_done,
    on_end=lambda batch: _announcer.announce(announcement_of_batch(batch)),
)


@logger.inject_lambda_context(log_event=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Take messages of the queue, whose answer names those that must come again, or do a step of the state machine."""
    if is_ping(event):
        return {}
    if "Records" in event:
        processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
        answer = process_partial_response(event=event, record_handler=_start, processor=processor, context=context)
        return dict(answer)
    facts = {name: event.get(name) for name in ("step", "model", "batch", "time")}
    try:
        ended = _step(event)
    except Exception:
        logger.exception("step failed", extra=facts)
        raise
    if event["step"] != "shard":
        logger.info("step done", extra={**facts, "state": ended.get("state")})
    return ended


def _step(event: dict[str, Any]) -> dict[str, Any]:
    step, model = event["step"], event["model"]
    if step == "schedule":
        return _steps.schedule(model, event["time"])
    batch = event["batch"]
    if step == "shard":
        return _steps.shard(model, batch, read_record(orjson.dumps(event["shard"]), Shard, f"a shard of batch {batch}"))
    return _steps.plan(model, batch) if step == "plan" else _steps.finish(model, batch)


def _start(record: SQSRecord) -> None:
    """Start the batch of every file of one message; raises if the message must come again."""
    try:
        for arrival in arrivals(record.body, prefix=_prefix):
            _steps.start(arrival)
    except Exception:
        logger.exception("message failed", extra={"message_id": record.message_id})
        raise
