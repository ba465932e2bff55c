"""Announcements on a real EventBridge client: a rule takes the event to a queue."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
import pytest
from botocore.session import get_session

from functions.aws.client import events_client
from functions.aws.event_bus import EventBus, announcer_of
from functions.core.announcements import Announcement, Silence

ENDED = Announcement(
    "training", "churn", "a" * 32, "succeeded", "2026-11-29T00:00:00.000000Z", version=3, promoted=True
)


@pytest.fixture
def queue(aws_environment: None) -> Any:
    """A queue that a rule fills with the events of `despliegue`."""
    name = f"events-{uuid.uuid4().hex}"
    sqs, events = (get_session().create_client(service) for service in ("sqs", "events"))
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name=name, EventPattern=orjson.dumps({"source": ["despliegue"], "resources": [name]}).decode())
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])

    def received() -> list[Any]:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [orjson.loads(one["Body"]) for one in found]

    return name, received


def test_an_event_has_the_announcement_as_its_detail(queue: Any) -> None:
    name, received = queue
    EventBus(name).announce(ENDED)
    (event,) = received()
    assert (event["source"], event["detail-type"], event["resources"]) == ("despliegue", "training.succeeded", [name])
    assert event["detail"] == orjson.loads(ENDED.to_json())


def test_what_cannot_be_announced_is_logged_and_hurts_nobody(
    aws_environment: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    EventBus("prod", events_client()).announce(ENDED)
    assert "training.succeeded of churn was not announced" in caplog.text


def test_a_refused_entry_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    class Full:
        def put_events(self, *, Entries: list[dict[str, Any]]) -> Any:
            return {"FailedEntryCount": 1}

    EventBus("prod", Full()).announce(ENDED)
    assert "was not taken by EventBridge" in caplog.text


def test_without_a_name_nothing_is_announced() -> None:
    assert isinstance(announcer_of(None), Silence)
    assert isinstance(announcer_of("prod"), EventBus)
