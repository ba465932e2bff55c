"""The function of batches with whole events, over S3, DynamoDB and Step Functions in this process."""

from __future__ import annotations

import importlib
import json
import sys
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus
from uuid import uuid4

import boto3
import httpx
import pytest

from functions.aws.batch_prices import STORED_PREDICTION
from functions.aws.prediction_table import PredictionTable
from functions.aws.s3_storage import S3Storage
from functions.core.batch_record import Batch
from functions.core.batch_submission import BatchRequest, BatchSubmissions
from functions.core.batches import Batches
from functions.core.manifest import Manifest
from functions.core.model_folder import load_definition
from functions.core.registry import Registry
from tests.lambda_context import Context
from tests.s3_relay import s3_relay
from tests.ways import EVENTS_URL, Gateway

TESTS = Path(__file__).resolve().parents[1]
CHURN = TESTS.parent / "models" / "churn"
ROWS = 60
TABLE = b"".join((CHURN / "sample.csv").read_bytes().splitlines(keepends=True)[: ROWS + 1])
MESSAGES: dict[str, Any] = json.loads((TESTS / "events" / "sqs_two_messages.json").read_bytes())
TEST_EVENT = (TESTS / "events" / "s3_test_event.json").read_text(encoding="utf-8")
FIRST, SECOND = (message["messageId"] for message in MESSAGES["Records"])
NOTHING_AGAIN: dict[str, Any] = {"batchItemFailures": []}
RESULTS_IDS_AND_MARKER, READS_A_SHARD = 3, 8
"""Requests of a shard with lookups and without refused rows, by a worker that just started; docs/aws.md has a cost."""
WAITS = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}}


@dataclass(frozen=True, slots=True)
class Function:
    """The started function with what it works on."""

    handler: Callable[[dict[str, Any], Context], dict[str, Any]]
    registry: Registry
    files: S3Storage
    table: PredictionTable
    machine: str

    def __call__(self, *bodies: str) -> dict[str, Any]:
        return self.handler(_messages(*bodies), Context())

    def step(self, name: str, batch: Batch, **more: Any) -> dict[str, Any]:
        named = {"model": batch.model, "batch": batch.batch, "attempt": batch.attempt}
        return self.handler({"step": name, **named, **more}, Context())

    def sent(self, body: bytes = TABLE) -> Batch:
        submissions = BatchSubmissions(self.registry.storage, self.files)
        batch = submissions.await_file(load_definition(CHURN), "año 2026.csv", BatchRequest(actor="ana"))
        self.files.write(batch.input, body)
        return batch

    @property
    def batches(self) -> Batches:
        return Batches(self.registry.storage, self.files)

    def executions(self) -> list[str]:
        found = boto3.client("stepfunctions").list_executions(stateMachineArn=self.machine)["executions"]
        return [one["name"] for one in found]


@pytest.fixture
def function(
    bucket: str,
    aws_variables: dict[str, str],
    aws_environment: None,
    predictions_table: str,
    monkeypatch: pytest.MonkeyPatch,
    publish: Callable[..., Manifest],
) -> Function:
    machine = boto3.client("stepfunctions").create_state_machine(
        name=uuid4().hex, definition=json.dumps(WAITS), roleArn="arn:aws:iam::123456789012:role/machine"
    )["stateMachineArn"]
    for variable, value in {
        "DESPLIEGUE_REGISTRY": f"s3://{bucket}/registry",
        "DESPLIEGUE_UPLOADS": f"s3://{bucket}/team",
        "DESPLIEGUE_PREDICTIONS": predictions_table,
        "DESPLIEGUE_BATCH_MACHINE": machine,
        "DESPLIEGUE_BATCH_DAYS": "7",
    }.items():
        monkeypatch.setenv(variable, value)
    registry = Registry(S3Storage(bucket, "registry", aws_variables))
    publish(registry)
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    sys.modules.pop("functions.batch_worker.handler", None)
    handler = importlib.import_module("functions.batch_worker.handler").handler
    files = S3Storage(bucket, "team", aws_variables)
    return Function(handler, registry, files, PredictionTable(predictions_table, days=7), machine)


def test_an_arrived_file_is_planned_predicted_and_looked_up(function: Function) -> None:
    batch = function.sent()
    assert function(_notice(batch.input)) == NOTHING_AGAIN
    assert function.executions() == [f"{batch.batch}-1"]
    planned = function.step("plan", batch)
    assert planned == {"model": "churn", "batch": batch.batch, "attempt": 1, "shards": _shards_key(batch)}
    shards = json.loads(function.registry.storage.read(planned["shards"]).body)
    for shard in shards:
        assert function.step("shard", batch, shard=shard) == {}
    assert function.step("finish", batch)["state"] == "succeeded"
    result = function.batches.read("churn", batch.batch).result
    assert result is not None
    assert (result.done, result.refused) == (ROWS, 0)
    (name,) = TABLE.splitlines()[1].decode().split(",")[:1]
    assert function.table.read("churn", batch.batch, [name])[name].line == 2


def test_control_looks_up_what_the_worker_stored_and_tells_what_it_cost(
    function: Function, event_loop_of_the_process: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESPLIEGUE_BATCH_MEMORY_MB", "1769")
    sys.modules.pop("functions.inference.control_handler", None)
    control = importlib.import_module("functions.inference.control_handler").handler
    batch = function.sent()
    shards = json.loads(function.registry.storage.read(function.step("plan", batch)["shards"]).body)
    for shard in shards:
        function.step("shard", batch, shard=shard)
    function.step("finish", batch)
    name = TABLE.splitlines()[1].decode().split(",")[0]
    with httpx.Client(transport=Gateway({"churn": load_definition(CHURN)}, control, {}), base_url=EVENTS_URL) as http:
        found = http.get(f"/models/churn/predictions/{name}").json()["data"]
        assert (found["batch"], found["line"], found["version"]) == (batch.batch, 2, 1)
        assert http.get("/models/churn/predictions/nobody").status_code == 404
        told = http.get(f"/models/churn/batches/{batch.batch}").json()["data"]
    assert told["state"] == "succeeded"
    assert told["cost"]["so_far"] >= ROWS * STORED_PREDICTION


def test_a_shard_asks_s3_for_as_little_as_docs_aws_counts(
    function: Function, aws_variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = function.sent()
    (shard,) = json.loads(function.registry.storage.read(function.step("plan", batch)["shards"]).body)
    with s3_relay(aws_variables["AWS_ENDPOINT_URL"]) as relay:
        monkeypatch.setenv("AWS_ENDPOINT_URL", relay.url)
        sys.modules.pop("functions.batch_worker.handler", None)
        started = importlib.import_module("functions.batch_worker.handler").handler
        relayed = Function(started, function.registry, function.files, function.table, function.machine)
        relayed.step("shard", batch, shard=shard)
    asked = Counter(method for method, path in relay.asked if path != "/")  # the only path of DynamoDB
    assert (asked.pop("PUT"), asked.total()) == (RESULTS_IDS_AND_MARKER, READS_A_SHARD)


def test_the_same_notice_again_starts_nothing(function: Function) -> None:
    batch = function.sent()
    assert function(_notice(batch.input), _notice(batch.input)) == NOTHING_AGAIN
    assert function(_notice(batch.input)) == NOTHING_AGAIN
    assert len(function.executions()) == 1


def test_a_dropped_file_makes_a_batch(function: Function) -> None:
    function.files.write("to-predict/churn/enero + (2026).csv", TABLE)
    assert function(_notice("to-predict/churn/enero + (2026).csv")) == NOTHING_AGAIN
    (batch,) = function.batches.newest_first("churn").entries
    assert function.executions() == [f"{batch.batch}-1"]
    assert "shards" in function.step("plan", batch)


def test_a_ping_is_answered_before_any_work(function: Function) -> None:
    assert function.handler({"source": "despliegue.ping"}, Context()) == {}


def test_s3s_test_message_is_acknowledged_and_a_message_that_failed_comes_again(function: Function) -> None:
    assert function(TEST_EVENT) == NOTHING_AGAIN
    assert function("no notice", TEST_EVENT) == _again(FIRST)
    assert function(TEST_EVENT, "no notice") == _again(SECOND)


def test_a_message_comes_again_where_the_machine_cannot_be_started(
    function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = function.sent()
    boto3.client("stepfunctions").delete_state_machine(stateMachineArn=function.machine)
    assert function(_notice(batch.input)) == _again(FIRST)


def test_a_step_that_fails_raises_so_that_the_machine_tries_it_again(
    function: Function, caplog: pytest.LogCaptureFixture
) -> None:
    batch = function.sent()
    function.step("plan", batch)
    function.files.delete(batch.input)
    (shard,) = json.loads(function.registry.storage.read(_shards_key(batch)).body)
    with pytest.raises(Exception, match="no object"):
        function.step("shard", batch, shard=shard)
    failed = next(record for record in caplog.records if record.message == "step failed")
    assert (vars(failed)["step"], vars(failed)["batch"]) == ("shard", batch.batch)
    assert function.step("finish", batch)["state"] == "failed"


def test_every_shard_is_counted_with_its_rows_and_its_seconds(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Despliegue/test")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "batch")
    function: Function = request.getfixturevalue("function")
    bad = TABLE.replace(b"Month-to-month", b"Never", 1)
    batch = function.sent(bad)
    function.step("plan", batch)
    (shard,) = json.loads(function.registry.storage.read(_shards_key(batch)).body)
    function.step("shard", batch, shard=shard)
    (line,) = (json.loads(one) for one in capsys.readouterr().out.splitlines() if '"_aws"' in one)
    assert (line["Rows"], line["RowsRefused"]) == ([ROWS - 1], [1])
    assert line["ShardSeconds"][0] > 0
    assert (line["model"], line["batch"], line["shard"]) == ("churn", batch.batch, 1)


def test_logs_name_the_batch_and_never_hold_a_row(function: Function, caplog: pytest.LogCaptureFixture) -> None:
    batch = function.sent(TABLE.replace(b"7590-VHVEG", b"9999-SECRET", 1))
    function(_notice(batch.input), "9999-SECRET")
    function.step("plan", batch)
    for shard in json.loads(function.registry.storage.read(_shards_key(batch)).body):
        function.step("shard", batch, shard=shard)
    function.step("finish", batch)
    written = [vars(record) for record in caplog.records]
    assert batch.batch in {one.get("batch") for one in written}
    assert "9999-SECRET" not in caplog.text + str(written)


def _shards_key(batch: Batch) -> str:
    return f"models/churn/batches/{batch.batch}/shards.json"


def _messages(*bodies: str) -> dict[str, Any]:
    """One message of the template for each body."""
    messages = deepcopy(MESSAGES)
    del messages["Records"][len(bodies) :]
    for message, body in zip(messages["Records"], bodies, strict=True):
        message["body"] = body
    return messages


def _notice(key: str) -> str:
    """S3's own notice, for an object of the bucket."""
    notice = json.loads(MESSAGES["Records"][0]["body"])
    notice["Records"][0]["s3"]["object"]["key"] = quote_plus(f"team/{key}", safe="/")
    return json.dumps(notice)


def _again(*messages: str) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": message} for message in messages]}
