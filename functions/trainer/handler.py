"""The trainer on Lambda: messages of the queue -> arrived files -> jobs."""

from __future__ import annotations

import os
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.aws.events import arrivals
from functions.aws.locations import S3Location, is_s3, open_storage
from functions.aws.logs import json_logger
from functions.aws.settings import TrainingSettings
from functions.core.definition import load_definitions
from functions.core.jobs import LeaseHeldError
from functions.core.registry import Registry
from functions.trainer.worker import Worker

logger = json_logger()
_settings = TrainingSettings.read(os.environ)
_prefix = S3Location.parse(_settings.uploads).prefix if is_s3(_settings.uploads) else ""
_worker = Worker(
    load_definitions(_settings.models), Registry(open_storage(_settings.registry)), open_storage(_settings.uploads)
)


@logger.inject_lambda_context(log_event=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Works on a batch of SQS messages; the answer names those that must come again."""
    # a batch of which every message failed is still an answer, not an error of the function
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    answer = process_partial_response(event=event, record_handler=_handle, processor=processor, context=context)
    return dict(answer)


def _handle(record: SQSRecord) -> None:
    """Work on every file of one message; raises for one that must come again."""
    try:
        for arrival in arrivals(record.body, prefix=_prefix):
            job = _worker.handle(arrival)
            if job is not None:
                logger.info("job ended", extra={"job": job.job, "model": job.model, "state": job.state})
    except LeaseHeldError as error:
        logger.warning("another trainer is at work", extra={"message_id": record.message_id, "error": str(error)})
        raise
    except Exception:
        logger.exception("message failed", extra={"message_id": record.message_id})
        raise
