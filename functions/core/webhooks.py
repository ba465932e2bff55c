"""Webhooks: a POST of an announcement, signed so that its receiver knows who sent it, and when.

The header Despliegue-Signature is t=<seconds since 1970>,v1=<hexadecimal HMAC-SHA256>. The HMAC is of the time, a point
and the body, with the secret that both sides know.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from functions.core.announcements import Announcement
from functions.core.errors import DespliegueError
from functions.core.webhook_address import is_webhook_address

logger = logging.getLogger(__name__)
SIGNATURE = "Despliegue-Signature"
LEAST_SECRET_CHARACTERS = 16
TIMEOUT_SECONDS = 10.0
OK, REDIRECT = 200, 300
PAUSES_SECONDS = (1.0, 5.0)
"""The pauses before the second and the third attempt."""


class WebhookError(DespliegueError):
    """A receiver that did not take an announcement; the text names its host, because a path may hold a secret."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A receiver of announcements. Raises ValueError for an address or a secret that nobody should use."""

    url: str
    secret: str = field(repr=False)
    pause: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        if not is_webhook_address(self.url):
            raise ValueError(
                "a webhook has an address of ASCII characters, such as https://example.org/hook, without a password"
            )
        if len(self.secret) < LEAST_SECRET_CHARACTERS:
            raise ValueError(f"the secret of a webhook has at least {LEAST_SECRET_CHARACTERS} characters")

    def announce(self, announcement: Announcement) -> None:
        """Send it, three times at most; log if nobody takes it."""
        try:
            self.send(announcement)
        except WebhookError as error:
            logger.error("%s of %s was not announced: %s", announcement.event, announcement.model, error)

    def send(self, announcement: Announcement) -> None:
        """Send it, three times at most. Raises WebhookError."""
        body = announcement.to_json()
        for pause in (*PAUSES_SECONDS, None):
            try:
                self._post(body)
            except WebhookError:
                if pause is None:
                    raise
                self.pause(pause)
            else:
                return

    def _post(self, body: bytes) -> None:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "despliegue",
            SIGNATURE: signature(body, self.secret, int(time.time())),
        }
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
        path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        try:
            connection.request("POST", path, body, headers)
            # a redirect is refused as well: the body would go to a host that nobody configured
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            raise WebhookError(f"{parts.hostname} was not reached: {type(error).__name__}") from None
        finally:
            connection.close()
        if not OK <= status < REDIRECT:
            raise WebhookError(f"{parts.hostname} answered {status}")


def signature(body: bytes, secret: str, seconds: int) -> str:
    """The value of the header for a body that is sent `seconds` after 1970."""
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"
