"""The webhook of a laptop or another server, which two variables of the environment name."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from functions.core.announcements import Announcement, Announcer, Silence
from functions.core.environment import WEBHOOK_SECRET_VARIABLE, WEBHOOK_URL_VARIABLE
from functions.core.errors import DefinitionError
from functions.core.webhooks import Webhook


@dataclass(frozen=True, slots=True)
class InBackground:
    """Announces in a thread of its own: a receiver that is slow or down holds up no training."""

    announcer: Announcer

    def announce(self, announcement: Announcement) -> None:
        threading.Thread(target=self.announcer.announce, args=(announcement,)).start()


def announcer_from(environment: Mapping[str, str]) -> Announcer:
    """The announcer for the variables of `environment`; silence without an address. Raises DefinitionError."""
    url = environment.get(WEBHOOK_URL_VARIABLE, "").strip()
    if not url:
        return Silence()
    try:
        return InBackground(Webhook(url, environment.get(WEBHOOK_SECRET_VARIABLE, "")))
    except ValueError as error:
        raise DefinitionError(f"{WEBHOOK_URL_VARIABLE} and {WEBHOOK_SECRET_VARIABLE}: {error}") from None
