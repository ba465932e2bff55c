"""Requests about jobs, shared by several parts of a play."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tools.replay.requests import JSON_BODY, LAPTOP, TRAINER, Body, Request, json_body

FINISHED = ("succeeded", "refused", "superseded", "failed")
LATER = "2031-01-31T10:05:21.437Z"
"""The time of an object in a notice of S3: later than all data in production."""
LONG_AGO = "2020-01-31T10:05:21.437Z"


def finished(name: str, model: str, job: str, *, door: str = LAPTOP, kind: str = "job") -> Request:
    """A request for the job that was kept under that name, repeated until it has ended."""
    target = f"/models/{model}/jobs/${{{job}.job}}"
    return Request(name, kind, door, target=target, until={"data.state": FINISHED})


def retrain(
    name: str, model: str, rows: Any, *, query: str = "", headers: Mapping[str, str] | None = None, **more: Any
) -> Request:
    """A request to train on rows, or on a Body; the answer's data is kept as `job`."""
    body = rows if isinstance(rows, Body) else json_body(rows)
    sent = {**JSON_BODY, **(headers or {})}
    kind = more.pop("kind", "retrain")
    target = f"/models/{model}/retrain{query}"
    return Request(name, kind, method="POST", target=target, headers=sent, body=body, keep={"job": "data"}, **more)


def form(name: str, model: str, kept_as: str, file_name: str = "rows.csv", query: str = "", **more: Any) -> Request:
    """A request for an upload form; the answer's data is kept under that name."""
    return Request(
        name,
        more.pop("kind", "upload"),
        method="POST",
        target=f"/models/{model}/uploads{query}",
        headers=JSON_BODY,
        body=json_body({"file_name": file_name}),
        keep={kept_as: "data"},
        **more,
    )


def arrival(name: str, *keys: str, time: str = LATER) -> Request:
    """An event for the trainer with one message for each object that arrived in the bucket."""
    messages = [_message(number, _notice(key, time)) for number, key in enumerate(keys)]
    return Request(name, "trainer event", TRAINER, event={"Records": messages})


def message_of(body: str) -> dict[str, Any]:
    """A message of the queue with this body."""
    return _message(0, body)


def _message(number: int, body: str) -> dict[str, Any]:
    return {
        "messageId": f"message-{number}",
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1769853922000"},
        "messageAttributes": {},
        "md5OfBody": "7b270e59b47ff90a553787216d55d91d",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:despliegue-training",
        "awsRegion": "eu-west-1",
    }


def _notice(key: str, time: str) -> str:
    stored = {"key": key, "size": 1024, "eTag": "d41d8cd98f00b204e9800998ecf8427e", "sequencer": "0065BBE0A1B2C3D4E5"}
    bucket = {"name": "replay-uploads", "arn": "arn:aws:s3:::replay-uploads"}
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "eu-west-1",
        "eventTime": time,
        "eventName": "ObjectCreated:Put",
        "s3": {"s3SchemaVersion": "1.0", "bucket": bucket, "object": stored},
    }
    return json.dumps({"Records": [record]})
