"""Notices of S3: the keys, identities and times of new objects, and a refusal of any other body."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from functions.aws.events import arrivals, messages
from functions.core.errors import InvalidInputError
from functions.core.uploads import Arrival

EVENTS = Path(__file__).resolve().parents[1] / "events"
CREATED: dict[str, Any] = json.loads((EVENTS / "s3_object_created.json").read_bytes())
RECORD = CREATED["Records"][0]
ARRIVAL = Arrival("uploads/churn/año 2026 (enero).csv", "0065BBE0A1B2C3D4E5", "2026-01-31T10:05:21.437000Z")


def test_a_notice_has_key_identity_and_time() -> None:
    assert arrivals(json.dumps(CREATED)) == [ARRIVAL]


def test_a_plus_in_a_name_is_no_space() -> None:
    assert [one.key for one in arrivals(_notice(_record(key="uploads/churn/a%2Bb+c.csv")))] == [
        "uploads/churn/a+b c.csv"
    ]


def test_times_are_written_so_that_their_texts_sort_as_they_do() -> None:
    zoned = {**RECORD, "eventTime": "2026-01-31T12:05:21.437+02:00"}
    whole = {**RECORD, "eventTime": "2026-01-31T10:05:22Z"}
    assert [one.time for one in arrivals(_notice(zoned, whole))] == [
        "2026-01-31T10:05:21.437000Z",
        "2026-01-31T10:05:22.000000Z",
    ]


def test_every_record_of_a_body_counts_in_order() -> None:
    found = arrivals(_notice(_record(key="uploads/churn/1.csv"), RECORD, _record(key="uploads/churn/2.csv")))
    assert [one.key for one in found] == ["uploads/churn/1.csv", ARRIVAL.key, "uploads/churn/2.csv"]


@pytest.mark.parametrize("name", ["Put", "Post", "Copy", "CompleteMultipartUpload"])
def test_all_ways_to_create_an_object_count(name: str) -> None:
    assert arrivals(_notice({**RECORD, "eventName": f"ObjectCreated:{name}"})) == [ARRIVAL]


def test_minio_writes_s3_before_the_name() -> None:
    assert arrivals(_notice({**RECORD, "eventName": "s3:ObjectCreated:Put"})) == [ARRIVAL]


@pytest.mark.parametrize(
    "name",
    ["ObjectRemoved:Delete", "s3:ObjectRemoved:Delete", "ObjectRestore:Completed", "ReducedRedundancyLostObject"],
)
def test_other_notices_are_no_arrivals(name: str) -> None:
    assert arrivals(_notice({**RECORD, "eventName": name})) == []


def test_s3s_own_test_message_is_no_arrival() -> None:
    assert arrivals((EVENTS / "s3_test_event.json").read_text(encoding="utf-8")) == []


def test_without_a_sequencer_content_and_version_identify_an_arrival() -> None:
    def identity(**changes: str) -> str:
        record = _record(**changes)
        del record["s3"]["object"]["sequencer"]
        return arrivals(_notice(record))[0].identity

    same = identity(eTag="a", versionId="1")
    assert same == identity(eTag="a", versionId="1")
    assert len({same, identity(eTag="a", versionId="2"), identity(eTag="b", versionId="1"), identity(eTag="a")}) == 4


def test_keys_come_without_the_prefix_of_the_storage() -> None:
    other = _record(key="team/two/uploads/churn/x.csv")
    notice = _notice(_record(key="team/one/uploads/churn/x.csv"), other, RECORD)
    assert [one.key for one in arrivals(notice, prefix="team/one")] == ["uploads/churn/x.csv"]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not JSON",
        "null",
        "[]",
        "{}",
        '{"Records": [{}]}',
        '{"Records": null}',
        json.dumps({"Records": [{**RECORD, "eventTime": "yesterday"}]}),
        json.dumps({"Records": [{**RECORD, "s3": {}}]}),
    ],
)
def test_what_is_no_notification_is_refused_and_not_lost(body: str) -> None:
    with pytest.raises(InvalidInputError, match="no S3 event notification"):
        arrivals(body)


def _record(**changes: str) -> dict[str, Any]:
    record: dict[str, Any] = deepcopy(RECORD)
    record["s3"]["object"] |= changes
    return record


def _notice(*records: dict[str, Any]) -> str:
    return json.dumps({"Records": records})


def test_a_batch_of_a_queue_has_its_messages() -> None:
    batch = json.loads((EVENTS / "sqs_two_messages.json").read_bytes())
    assert [one["messageId"] for one in messages(batch)] == [one["messageId"] for one in batch["Records"]]
    assert messages({"Records": []}) == []


@pytest.mark.parametrize("event", [{"hello": "there"}, {"Records": None}, {"Records": [{}]}, CREATED])
def test_an_event_of_another_kind_is_refused_with_what_to_do(event: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match="no messages of a queue: send them to it"):
        messages(event)
