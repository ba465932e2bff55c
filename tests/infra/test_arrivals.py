"""The notices of new objects: two prefixes, two queues, and none for what batches themselves write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from functions.core.batch_keys import BATCHES_PREFIX, folder_of
from functions.core.batch_record import Batch
from functions.core.uploads import TO_PREDICT_PREFIX, UPLOADS_PREFIX, batch_input_key, job_upload_key

Json = dict[str, Any]
PREFIXES = {"Training": f"{UPLOADS_PREFIX}/", "Batches": f"{TO_PREDICT_PREFIX}/"}


@pytest.fixture
def notified(template: Json, buckets: dict[str, str]) -> list[Json]:
    configuration = template["Resources"][buckets["uploads"]]["Properties"]["NotificationConfiguration"]
    assert list(configuration) == ["QueueConfigurations"]
    return list(configuration["QueueConfigurations"])


def prefix_of(notice: Json) -> str:
    ((rule),) = notice["Filter"]["S3Key"]["Rules"]
    assert rule["Name"] == "prefix"
    return str(rule["Value"])


def test_an_object_under_each_prefix_is_announced_to_its_own_queue(
    notified: list[Json], queues: dict[str, str]
) -> None:
    assert {one["Event"] for one in notified} == {"s3:ObjectCreated:*"}
    assert {prefix_of(one): one["Queue"]["Fn::GetAtt"][0] for one in notified} == {
        PREFIXES[construct]: queue for construct, queue in queues.items()
    }


def test_no_key_is_announced_twice_and_none_that_a_batch_writes(notified: list[Json]) -> None:
    prefixes = [prefix_of(one) for one in notified]
    sent = [job_upload_key("churn", "0a", "rows.csv"), batch_input_key("churn", "0a", "rows.csv")]
    assert [[key.startswith(prefix) for prefix in prefixes].count(True) for key in sent] == [1, 1]
    assert not any(f"{BATCHES_PREFIX}/".startswith(prefix) or prefix.startswith(BATCHES_PREFIX) for prefix in prefixes)
    assert folder_of(_BATCH).startswith(f"{BATCHES_PREFIX}/")


def test_registry_announces_nothing(template: Json, buckets: dict[str, str]) -> None:
    registry = template["Resources"][buckets["registry"]]["Properties"]
    assert "NotificationConfiguration" not in registry


@pytest.mark.parametrize("construct", PREFIXES)
def test_queues_take_messages_from_s3_of_this_account_only(
    resources: Callable[[str], Json], queues: dict[str, str], construct: str
) -> None:
    (policy,) = policies_of(resources, queues[construct]).values()
    (allowed,) = (one for one in policy["Properties"]["PolicyDocument"]["Statement"] if one["Effect"] == "Allow")
    assert allowed["Principal"] == {"Service": "s3.amazonaws.com"}
    assert allowed["Action"] == "sqs:SendMessage"
    assert allowed["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_bucket_is_made_after_the_policies_that_s3_asks_for(
    template: Json, buckets: dict[str, str], queues: dict[str, str], resources: Callable[[str], Json]
) -> None:
    policies = [key for queue in queues.values() for key in policies_of(resources, queue)]
    assert sorted(template["Resources"][buckets["uploads"]]["DependsOn"]) == sorted(policies)


def policies_of(resources: Callable[[str], Json], queue: str) -> Json:
    found = resources("AWS::SQS::QueuePolicy").items()
    return {key: one for key, one in found if one["Properties"]["Queues"] == [{"Ref": queue}]}


_BATCH = Batch(
    batch="0a" * 16,
    model="churn",
    input="to-predict/churn/rows.csv",
    output="jsonl",
    id=None,
    lookup=False,
    actor="ana",
    fingerprint="f",
    created="2026-01-31T10:05:21.000000Z",
    updated="2026-01-31T10:05:21.000000Z",
)
