"""S3 event notifications in the messages of a queue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from functions.core.clock import stamp
from functions.core.errors import Fault, InvalidInputError
from functions.core.uploads import Arrival

CREATED = "ObjectCreated:"
TEST_EVENT = "s3:TestEvent"


def messages(event: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The messages of a batch that a queue sent; raises InvalidInputError for an event of another kind."""
    found = event.get("Records")
    if not isinstance(found, list) or not all("messageId" in one and "body" in one for one in found):
        raise InvalidInputError([Fault(("Records",), "no messages of a queue: send them to it", "event_invalid")])
    return found


def arrivals(body: str, *, prefix: str = "") -> list[Arrival]:
    """The new objects in a message body, in its order; none for the test message of S3.

    Objects outside `prefix` are left out, and the keys come without the prefix. Raises InvalidInputError for a body
    that is no notification.
    """
    try:
        notice = json.loads(body)
        records = [] if notice.get("Event") == TEST_EVENT else notice["Records"]
        created = [_arrival(record) for record in records if _name(record).startswith(CREATED)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        fault = Fault(("body",), f"no S3 event notification: {error!r}", "notice_invalid")
        raise InvalidInputError([fault]) from error
    folder = f"{prefix}/" if prefix else ""
    return [
        Arrival(one.key.removeprefix(folder), one.identity, one.time) for one in created if one.key.startswith(folder)
    ]


def _name(record: Mapping[str, Any]) -> str:
    """The kind of event. MinIO writes `s3:` before it: https://github.com/minio/minio/issues/20972."""
    name: str = record["eventName"]
    return name.removeprefix("s3:")


def _arrival(record: Mapping[str, Any]) -> Arrival:
    # some stores send no sequencer
    stored = record["s3"]["object"]
    return Arrival(
        key=unquote_plus(stored["key"]),
        identity=stored.get("sequencer") or f"{stored['eTag']}+{stored.get('versionId', '')}",
        time=stamp(datetime.fromisoformat(record["eventTime"])),
    )
