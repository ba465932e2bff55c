"""The sender of webhooks: one event of EventBridge, one signed POST."""

from __future__ import annotations

import os
from typing import Any

import orjson
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.aws.client import secrets_client
from functions.aws.logs import json_logger
from functions.aws.secrets import CURRENT
from functions.aws.settings import WebhookSettings
from functions.core.announcements import SOURCE, Announcement
from functions.core.records import read_record
from functions.core.webhooks import Webhook

logger = json_logger()
_settings = WebhookSettings.read(os.environ)
_secrets = secrets_client()


@logger.inject_lambda_context(log_event=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """Send the announcement in the event.

    Raises WebhookError if the receiver does not take it, and Lambda calls again later. The secret is read each time:
    there are few events, and a secret may be exchanged.
    """
    if event.get("source") != SOURCE:  # a ping, which keeps the function awake
        return {}
    announcement = read_record(orjson.dumps(event["detail"]), Announcement, "the event")
    secret = _secrets.get_secret_value(SecretId=_settings.webhook_secret, VersionStage=CURRENT)["SecretString"]
    Webhook(_settings.webhook_url, secret).send(announcement)
    logger.info("announced", extra={"event": announcement.event, "model": announcement.model, "id": announcement.id})
    return {"event": announcement.event}
