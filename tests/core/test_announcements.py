"""Announcements say what ended, and where its record is."""

from __future__ import annotations

import orjson

from functions.core.announcements import Announcement, Silence

TIME = "2026-11-29T00:00:00.000000Z"


def test_a_batch_names_its_event_its_record_and_its_counts() -> None:
    ended = Announcement("batch", "churn", "a" * 32, "partial", TIME, version=3, done=9, refused=1)
    assert orjson.loads(ended.to_json()) == {
        "event": "batch.partial",
        "kind": "batch",
        "model": "churn",
        "id": "a" * 32,
        "state": "partial",
        "time": TIME,
        "version": 3,
        "done": 9,
        "refused": 1,
        "path": f"/models/churn/batches/{'a' * 32}",
    }


def test_a_training_says_whether_its_version_was_promoted() -> None:
    ended = Announcement("training", "churn", "b" * 32, "succeeded", TIME, version=4, promoted=False)
    document = orjson.loads(ended.to_json())
    assert (document["event"], document["promoted"]) == ("training.succeeded", False)
    assert document["path"] == f"/models/churn/jobs/{'b' * 32}"


def test_silence_takes_every_announcement() -> None:
    Silence().announce(Announcement("training", "churn", "b" * 32, "failed", TIME))
