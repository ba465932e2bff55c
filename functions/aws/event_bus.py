"""Announcements as events of Amazon EventBridge, on the default bus of the account."""

from __future__ import annotations

import logging
from functools import cached_property

from botocore.exceptions import BotoCoreError, ClientError

from functions.aws.client import EventsClient, events_client
from functions.core.announcements import SOURCE, Announcement, Announcer, Silence

logger = logging.getLogger(__name__)


class EventBus:
    """The default bus. Events have the source `despliegue`, and a detail-type such as batch.succeeded."""

    def __init__(self, resource: str, client: EventsClient | None = None) -> None:
        """`resource` names the deployment in each event; a client is made at the first use unless one is given."""
        self._resource = resource
        self._given_client = client

    @cached_property
    def _client(self) -> EventsClient:
        return self._given_client or events_client()

    def announce(self, announcement: Announcement) -> None:
        """Put the event; a failure is logged only, because the record has what it says."""
        entry = {
            "Source": SOURCE,
            "DetailType": announcement.event,
            "Detail": announcement.to_json().decode(),
            "Resources": [self._resource],
        }
        try:
            failed = self._client.put_events(Entries=[entry])["FailedEntryCount"]
        except (ClientError, BotoCoreError) as error:
            logger.error("%s of %s was not announced: %s", announcement.event, announcement.model, error)
        else:
            if failed:
                logger.error("%s of %s was not taken by EventBridge", announcement.event, announcement.model)


def announcer_of(deployment: str | None) -> Announcer:
    """The bus for a deployment that has a name; nobody hears of one without."""
    return Silence() if deployment is None else EventBus(deployment)
