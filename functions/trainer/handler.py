"""The trainer on Lambda: it works on the files that messages of the queue announce."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.aws.event_bus import announcer_of
from functions.aws.events import arrivals
from functions.aws.logs import json_logger
from functions.aws.metrics import FunctionMetrics
from functions.aws.pings import is_ping
from functions.aws.s3_storage import S3Storage
from functions.aws.settings import TrainerSettings
from functions.core.announcements import announcement_of_job
from functions.core.jobs import Job, LeaseHeldError, State
from functions.core.locations import open_storage
from functions.core.model_folder import load_definitions
from functions.core.registry import Registry
from functions.trainer.worker import Worker

COUNTED: Mapping[State, str] = {
    "succeeded": "JobsSucceeded",
    "refused": "JobsRefused",
    "superseded": "JobsSuperseded",
    "failed": "JobsFailed",
}
logger = json_logger()
metrics = FunctionMetrics()


def _ended(job: Job, seconds: float) -> None:
    """Log the end of a job. The reason of a refusal may quote a row, so it is only in the record."""
    result = job.result
    facts = {"job": job.job, "model": job.model, "version": result.version if result else None}
    verdict = {"promoted": result.promoted, "reason": result.reason} if result else {}
    logger.info("job ended", extra={**facts, **verdict, "state": job.state, "seconds": round(seconds, 3)})
    metrics.write({COUNTED[job.state]: 1, "TrainingSeconds": seconds}, **facts)
    _announcer.announce(announcement_of_job(job))


# outside the handler: only cold starts pay for it, and a wrong setting fails at once
_settings = TrainerSettings.read(os.environ)
_announcer = announcer_of(_settings.deployment)
_uploads = open_storage(_settings.uploads)
_prefix = _uploads.prefix.rstrip("/") if isinstance(_uploads, S3Storage) else ""
_worker = Worker(
    load_definitions(_settings.models),
    Registry(open_storage(_settings.registry)),
    _uploads,
    on_end=_ended,
)


@logger.inject_lambda_context(log_event=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Work on a batch of SQS messages; the answer names the messages that must come again."""
    if is_ping(event):
        return {}
    # even a batch whose messages all failed is an answer, not an error of the function
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    answer = process_partial_response(event=event, record_handler=_handle, processor=processor, context=context)
    return dict(answer)


def _handle(record: SQSRecord, lambda_context: LambdaContext) -> None:
    """Work on every file of one message; raises if the message must come again."""
    try:
        for arrival in arrivals(record.body, prefix=_prefix):
            _worker.handle(arrival, seconds_left=lambda_context.get_remaining_time_in_millis() / 1000)
    except LeaseHeldError as error:
        logger.warning("another trainer is at work", extra={"message_id": record.message_id, "error": str(error)})
        raise
    except Exception:
        logger.exception("message failed", extra={"message_id": record.message_id})
        raise
