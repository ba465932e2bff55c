"""Batches in a deployment: files that arrive in the bucket, predicted by the state machine, and looked up by id."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest

from functions.aws.prediction_table import PredictionTable
from functions.aws.s3_storage import S3Storage
from functions.core.batch_record import Batch, BatchResult
from functions.core.batch_submission import BatchRequest, BatchSubmissions
from functions.core.batches import Batches
from functions.core.definition import Definition
from functions.core.lookups import AnsweringBatch, answering_batch, let_answer
from model_export.training_files.rows import read_rows
from tests.deployed.deployment import Deployment, Row, Stack, wait_for

ROWS = 20_000
MANY_ROWS = 160_000
"""Rows of several shards."""
REQUEST_ROWS = 2_000
LOST = 2
"""The shard whose marker cannot be written."""
IDENTIFIED = "churn"


@dataclass(frozen=True, slots=True)
class Sent:
    """A file of the sample's rows, again and again, with an id of its own for each row of a model that has one."""

    model: str
    id: str | None
    header: list[str]
    cells: list[list[str]]

    @classmethod
    def of(cls, definition: Definition, rows: int) -> Sent:
        sample = (definition.folder / "sample.csv").read_text("utf-8")
        header, *cells = csv.reader(io.StringIO(sample))
        many = [list(one) for one in islice(cycle(cells), rows)]
        identity = definition.schema.id
        if identity is not None:
            place = [name.lower() for name in header].index(identity)
            for number, one in enumerate(many):
                one[place] = f"row-{number}"
        return cls(definition.name, identity, header, many)

    def csv(self) -> bytes:
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerows([self.header, *self.cells])
        return text.getvalue().encode()


@dataclass(frozen=True, slots=True)
class Service:
    """Batches of a deployment as an operator sees them, with the rights of the account."""

    records: S3Storage
    files: S3Storage
    table: PredictionTable

    @property
    def batches(self) -> Batches:
        return Batches(self.records, self.files)

    @property
    def submissions(self) -> BatchSubmissions:
        return BatchSubmissions(self.records, self.files)

    def send(self, definition: Definition, body: bytes, *, lookup: bool | None = None) -> Batch:
        request = BatchRequest(actor="rehearsal", lookup=lookup)
        batch = self.submissions.await_file(definition, "rows.csv", request)
        self.files.write(batch.input, body)
        return batch

    def ended(self, batch: Batch) -> Batch:
        def look() -> Batch | None:
            found = self.batches.read(batch.model, batch.batch)
            return found if found.result is not None and found.attempt >= batch.attempt else None

        return wait_for(look, f"the end of batch {batch.batch} of {batch.model}")

    def lines(self, result: BatchResult) -> list[Any]:
        bodies = (gzip.decompress(self.files.read(key).body) for key in result.parts)
        return [orjson.loads(line) for body in bodies for line in body.splitlines()]


@pytest.fixture
def service(stack: Stack) -> Service:
    return Service(
        S3Storage(stack.outputs["RegistryBucket"]),
        S3Storage(stack.outputs["UploadBucket"]),
        PredictionTable(stack.find("LookupsTable"), days=90),
    )


def instances(definition: Definition) -> list[Row]:
    """The rows of the sample as predict takes them."""
    table = read_rows((definition.folder / "sample.csv").read_bytes(), "sample.csv", definition).table
    columns = {name: values for name, values in table.items() if name not in definition.schema.target_names}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


@pytest.fixture
def predicted(deployed: Deployment, every_model: Mapping[str, Definition]) -> Callable[[Sent], Iterator[Any]]:
    """The answers of predict to the rows that were sent, in their order."""

    def ask(sent: Sent) -> Iterator[Any]:
        known = islice(cycle(instances(every_model[sent.model])), len(sent.cells))
        rows = [{**row, sent.id: f"row-{number}"} if sent.id is not None else row for number, row in enumerate(known)]
        for start in range(0, len(rows), REQUEST_ROWS):
            yield from deployed.predict(sent.model, rows[start : start + REQUEST_ROWS])["predictions"]

    return ask


@pytest.fixture
def lost_shard(stack: Stack) -> Iterator[Callable[[], None]]:
    """A bucket whose policy keeps the marker of a shard from being written; what it yields takes that back."""
    s3, bucket = stack.clients("s3"), stack.outputs["UploadBucket"]
    before = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    denied = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/batches/*/done/{LOST:05}.json",
    }
    document = json.loads(before)
    changed = {**document, "Statement": [*document["Statement"], denied]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(changed))

    def mend() -> None:
        s3.put_bucket_policy(Bucket=bucket, Policy=before)

    yield mend
    mend()


@pytest.mark.parametrize("model", ["churn", "car-price", "project-tags"])
def test_a_dropped_file_gets_the_answers_of_predict(
    service: Service,
    every_model: Mapping[str, Definition],
    predicted: Callable[[Sent], Iterator[Any]],
    model: str,
) -> None:
    sent = Sent.of(every_model[model], ROWS)
    known = {one.batch for one in service.batches.newest_first(model).entries}
    service.files.write(f"to-predict/{model}/año {uuid4().hex}.csv", sent.csv())

    def look() -> Batch | None:
        found = [one for one in service.batches.newest_first(model).entries if one.batch not in known]
        return found[0] if found else None

    batch = service.ended(wait_for(look, "a batch of the file"))
    result = batch.result
    assert result is not None
    assert (result.state, result.done, result.refused) == ("succeeded", ROWS, 0), result
    lines = service.lines(result)
    assert [one["line"] for one in lines] == list(range(2, ROWS + 2))
    for ours, theirs in zip(lines, predicted(sent), strict=True):
        assert orjson.dumps(ours["prediction"]) == orjson.dumps(theirs)


def test_predictions_are_looked_up_and_the_batch_before_is_brought_back(
    service: Service, every_model: Mapping[str, Definition]
) -> None:
    definition = every_model[IDENTIFIED]
    sent = Sent.of(definition, ROWS)
    first = service.ended(service.send(definition, sent.csv()))
    second = service.ended(service.send(definition, sent.csv()))

    def taken_over() -> AnsweringBatch | None:
        found = answering_batch(service.records, IDENTIFIED)
        return found if found is not None and found.batch == second.batch else None

    # just after the end of the batch
    answering = wait_for(taken_over, "the answering batch")
    assert answering.previous == first.batch
    assert second.result is not None
    lines = {one["id"]: one for one in service.lines(second.result)}
    asked = [f"row-{number}" for number in range(0, ROWS, 211)]
    found = service.table.read(IDENTIFIED, answering.batch, [*asked, "row-nobody"])
    assert list(found) != []
    assert {name: (one.line, one.prediction) for name, one in found.items()} == {
        name: (lines[name]["line"], lines[name]["prediction"]) for name in asked
    }
    assert let_answer(service.records, IDENTIFIED, first.batch, first.created, actor="rehearsal")
    back = answering_batch(service.records, IDENTIFIED)
    assert back is not None
    assert back.batch == first.batch
    assert len(service.table.read(IDENTIFIED, back.batch, asked)) == len(asked)


def test_a_batch_of_instances_is_followed_fetched_and_looked_up_over_http(
    deployed: Deployment, every_model: Mapping[str, Definition]
) -> None:
    customer = dict(every_model[IDENTIFIED].examples[0])
    rows = [{**customer, "customerid": f"http-{number}"} for number in range(5)]
    sent = deployed.http.post(f"/models/{IDENTIFIED}/batches", json={"instances": rows, "lookup": True})
    assert sent.status_code == 202, sent.text
    path = f"/models/{IDENTIFIED}/batches/{sent.json()['data']['batch']}"

    def ended() -> Any:
        found = deployed.get(path)
        return found if found["state"] == "succeeded" else None

    batch = wait_for(ended, "the end of the batch")
    assert batch["rows"] == {"total": 5, "done": 5, "refused": 0}
    assert batch["cost"]["so_far"] > 0
    (link,) = batch["results"]["links"]
    lines = [orjson.loads(line) for line in gzip.decompress(httpx.get(link["url"]).content).splitlines()]
    assert [one["prediction"] for one in lines] == deployed.predict(IDENTIFIED, rows)["predictions"]

    def answers() -> Any:
        found = deployed.http.get(f"/models/{IDENTIFIED}/predictions/http-3")
        return found.json()["data"] if found.status_code == 200 else None

    assert wait_for(answers, "the prediction")["prediction"] == lines[3]["prediction"]
    assert deployed.http.delete(path).status_code == 409


def test_a_lost_shard_makes_a_batch_partial_and_a_retry_makes_it_whole(
    service: Service, every_model: Mapping[str, Definition], lost_shard: Callable[[], None]
) -> None:
    definition = every_model[IDENTIFIED]
    batch = service.ended(service.send(definition, Sent.of(definition, MANY_ROWS).csv(), lookup=False))
    assert batch.plan is not None
    assert batch.result is not None
    assert batch.plan.shards > LOST
    assert batch.result.state == "partial", batch.result
    assert 0 < batch.result.done < MANY_ROWS
    lost_shard()
    before = service.batches.results(batch)
    again = service.ended(service.submissions.retry(IDENTIFIED, batch.batch))
    assert again.result is not None
    assert (again.result.state, again.result.done) == ("succeeded", MANY_ROWS), again.result
    after = service.batches.results(again)
    assert [one for one in after if one.number != LOST] == before  # those shards did not run again
    assert [one["line"] for one in service.lines(again.result)] == list(range(2, MANY_ROWS + 2))


def test_a_cancelled_batch_ends_with_what_it_has(
    service: Service, every_model: Mapping[str, Definition], stack: Stack
) -> None:
    definition = every_model[IDENTIFIED]
    batch = service.send(definition, Sent.of(definition, 2 * MANY_ROWS).csv(), lookup=False)
    wait_for(lambda: service.batches.read(IDENTIFIED, batch.batch).plan, "the plan")
    service.submissions.cancel(IDENTIFIED, batch.batch)
    ended = service.ended(batch)
    assert ended.result is not None
    assert ended.result.state == "cancelled"
    assert ended.result.done < 2 * MANY_ROWS
    assert len(service.lines(ended.result)) == ended.result.done


def test_the_same_notice_again_starts_nothing(
    service: Service, every_model: Mapping[str, Definition], stack: Stack, root: Path
) -> None:
    definition = every_model["car-price"]
    batch = service.ended(service.send(definition, Sent.of(definition, 50).csv()))
    recorded: dict[str, Any] = json.loads((root / "tests" / "events" / "s3_object_created.json").read_bytes())
    (record,) = recorded["Records"]
    record["s3"]["object"] |= {"key": batch.input, "sequencer": uuid4().hex.upper()[:18]}
    sqs, queue = stack.clients("sqs"), stack.find("BatchesQueue")
    for _ in range(3):
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(recorded))

    def is_empty() -> bool | None:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        return True if all(found[name] == "0" for name in names) else None

    wait_for(is_empty, "an empty queue")
    assert service.batches.read("car-price", batch.batch) == batch
    machines = stack.clients("stepfunctions")
    pages = machines.get_paginator("list_executions").paginate(stateMachineArn=stack.find("BatchesStepsMachine"))
    names = [one["name"] for page in pages for one in page["executions"]]
    assert [one for one in names if one.startswith(batch.batch)] == [f"{batch.batch}-1"]
