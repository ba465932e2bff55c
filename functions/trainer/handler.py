"""The trainer on Lambda: it works on the files that messages of the queue announce."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from functions.aws.events import arrivals, messages
from functions.aws.invocations import LambdaContext, identified
from functions.aws.logs import json_logger
from functions.aws.metrics import FunctionMetrics
from functions.aws.pings import is_ping
from functions.aws.s3_storage import S3Storage
from functions.aws.settings import TrainingSettings
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
    """Log the end of a job. Its reason may quote a row, so it is only in the record."""
    version = job.result.version if job.result else None
    facts = {"job": job.job, "model": job.model, "version": version}
    logger.info("job ended", extra={**facts, "state": job.state, "seconds": round(seconds, 3)})
    metrics.write({COUNTED[job.state]: 1, "TrainingSeconds": seconds}, **facts)


# outside the handler: only cold starts pay for it, and a wrong setting fails at once
_settings = TrainingSettings.read(os.environ)
_uploads = open_storage(_settings.uploads)
_prefix = _uploads.prefix.rstrip("/") if isinstance(_uploads, S3Storage) else ""
_worker = Worker(
    load_definitions(_settings.models),
    Registry(open_storage(_settings.registry)),
    _uploads,
    on_end=_ended,
)


@identified
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Work on a batch of SQS messages; the answer names the messages that must come again."""
    if is_ping(event):
        return {}
    # even a batch whose messages all failed is an answer, not an error of the function
    again = [message["messageId"] for message in messages(event) if not _is_done(message, context)]
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in again]}


def _is_done(message: Mapping[str, Any], context: LambdaContext) -> bool:
    """Work on every file of one message; False if the message must come again."""
    try:
        for arrival in arrivals(message["body"], prefix=_prefix):
            _worker.handle(arrival, seconds_left=context.get_remaining_time_in_millis() / 1000)
    except LeaseHeldError as error:
        logger.warning("another trainer is at work", extra={"message_id": message["messageId"], "error": str(error)})
        return False
    except Exception:
        logger.exception("message failed", extra={"message_id": message["messageId"]})
        return False
    return True
