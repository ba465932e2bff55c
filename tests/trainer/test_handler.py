"""The trainer's handler with whole SQS events, over S3, down to published versions."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

from functions.aws.s3_storage import S3Storage
from functions.core.clock import now
from functions.core.jobs import MAX_ATTEMPTS, Job, Jobs
from functions.core.model_folder import load_definition
from functions.core.registry import Registry
from functions.core.submission import Submissions, TrainingRequest
from tests.lambda_context import Context

TESTS = Path(__file__).resolve().parents[1]
CHURN = TESTS.parent / "models" / "churn"
ROWS = 400
BATCH: dict[str, Any] = json.loads((TESTS / "events" / "sqs_two_messages.json").read_bytes())
TEST_EVENT = (TESTS / "events" / "s3_test_event.json").read_text(encoding="utf-8")
FIRST, SECOND = (message["messageId"] for message in BATCH["Records"])
NOTHING_AGAIN: dict[str, Any] = {"batchItemFailures": []}


@dataclass(frozen=True, slots=True)
class Trainer:
    """The started function with the two buckets that it works on."""

    handler: Callable[[dict[str, Any], Context], dict[str, Any]]
    registry: Registry
    uploads: S3Storage

    def __call__(self, *bodies: str) -> dict[str, Any]:
        return self.handler(_batch(*bodies), Context())

    @property
    def jobs(self) -> list[Job]:
        return Jobs(self.registry.storage).newest_first("churn").entries


@pytest.fixture
def trainer(
    bucket: str, aws_variables: dict[str, str], aws_environment: None, monkeypatch: pytest.MonkeyPatch
) -> Trainer:
    monkeypatch.setenv("DESPLIEGUE_REGISTRY", f"s3://{bucket}/registry")
    monkeypatch.setenv("DESPLIEGUE_UPLOADS", f"s3://{bucket}/team")
    sys.modules.pop("functions.trainer.handler", None)
    handler = importlib.import_module("functions.trainer.handler").handler
    return Trainer(
        handler, Registry(S3Storage(bucket, "registry", aws_variables)), S3Storage(bucket, "team", aws_variables)
    )


@pytest.fixture(scope="session")
def rows() -> bytes:
    """The head of the model's own sample: enough to train on, quick to train."""
    lines = (CHURN / "sample.csv").read_bytes().splitlines(keepends=True)
    return b"".join(lines[: ROWS + 1])


def test_an_uploaded_file_becomes_a_job_and_a_version(trainer: Trainer, rows: bytes) -> None:
    trainer.uploads.write("uploads/churn/año 2026 + (enero).csv", rows)
    assert trainer(_notice("uploads/churn/año 2026 + (enero).csv")) == NOTHING_AGAIN
    (job,) = trainer.jobs
    assert (job.state, job.upload, job.actor) == ("succeeded", "uploads/churn/año 2026 + (enero).csv", "upload")
    assert job.data_time == "2026-01-31T10:05:21.437000Z"
    assert job.result is not None
    assert job.result.version == 1
    assert sum(job.result.rows.values()) == ROWS
    assert trainer.registry.versions("churn") == [1]


def test_a_notice_that_comes_five_times_makes_one_version(trainer: Trainer, rows: bytes) -> None:
    trainer.uploads.write("uploads/churn/rows.csv", rows)
    notice = _notice("uploads/churn/rows.csv")
    assert trainer(notice, notice) == NOTHING_AGAIN
    for _ in range(3):
        assert trainer(notice) == NOTHING_AGAIN
    assert trainer.registry.versions("churn") == [1]
    assert len(trainer.jobs) == 1
    assert trainer.jobs[0].attempts == 1


def test_the_upload_of_a_submitted_job_finishes_that_job(trainer: Trainer) -> None:
    rows = json.loads((CHURN / "examples.json").read_bytes())
    labelled = [{**rows[0], "churn": "yes"}] * 30
    submissions = Submissions(trainer.registry, trainer.uploads)
    job = submissions.submit(load_definition(CHURN), json.dumps(labelled).encode(), TrainingRequest(actor="ana"))
    assert trainer(_notice(job.upload)) == NOTHING_AGAIN
    (finished,) = trainer.jobs
    assert (finished.job, finished.actor, finished.state) == (job.job, "ana", "refused")


def test_s3s_test_message_is_acknowledged(trainer: Trainer) -> None:
    assert trainer(TEST_EVENT) == NOTHING_AGAIN
    assert trainer.jobs == []


def test_a_ping_is_answered_and_makes_no_job(trainer: Trainer) -> None:
    assert trainer.handler({"source": "despliegue.ping"}, Context()) == {}
    assert trainer.jobs == []


@pytest.mark.parametrize("key", ["uploads/no-such-model/rows.csv", "uploads/churn/", "other/churn/rows.csv"])
def test_what_is_nobodys_is_acknowledged(trainer: Trainer, key: str) -> None:
    assert trainer(_notice(key)) == NOTHING_AGAIN
    assert trainer.jobs == []


def test_bad_rows_are_refused_for_good_with_their_faults(trainer: Trainer, rows: bytes) -> None:
    trainer.uploads.write("uploads/churn/rows.csv", rows.replace(b",Yes\n", b",Perhaps\n", 1))
    assert trainer(_notice("uploads/churn/rows.csv")) == NOTHING_AGAIN
    (job,) = trainer.jobs
    assert job.state == "refused"
    assert [(error["loc"][-1], error["type"]) for error in job.errors] == [("churn", "enum")]
    assert trainer.registry.versions("churn") == []


def test_a_file_that_was_removed_meanwhile_is_refused(trainer: Trainer) -> None:
    assert trainer(_notice("uploads/churn/rows.csv")) == NOTHING_AGAIN
    assert [job.state for job in trainer.jobs] == ["refused"]


def test_only_the_message_that_failed_comes_again(trainer: Trainer) -> None:
    assert trainer("not a notice", TEST_EVENT) == _again(FIRST)
    assert trainer(TEST_EVENT, "not a notice") == _again(SECOND)
    assert trainer("not a notice", "nor this") == _again(FIRST, SECOND)


def test_a_file_that_another_trainer_holds_comes_again(trainer: Trainer, rows: bytes) -> None:
    held = _waiting_job("uploads/churn/jobs/0123456789abcdef0123456789abcdef/rows.csv")
    jobs = Jobs(trainer.registry.storage)
    jobs.create(held)
    jobs.take("churn", held.job, owner="another")
    assert trainer(_notice(held.upload), TEST_EVENT) == _again(FIRST)
    assert jobs.read("churn", held.job).lease_owner == "another"


def test_a_crash_makes_its_message_come_again_and_the_job_wait(
    trainer: Trainer, rows: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_memory(*_: object) -> None:
        raise MemoryError

    trainer.uploads.write("uploads/churn/rows.csv", rows)
    with monkeypatch.context() as patch:
        patch.setattr("functions.trainer.handler._worker._train", out_of_memory)
        assert trainer(_notice("uploads/churn/rows.csv"), TEST_EVENT) == _again(FIRST)
    assert [(job.state, job.attempts) for job in trainer.jobs] == [("queued", 1)]
    assert trainer(_notice("uploads/churn/rows.csv")) == NOTHING_AGAIN
    assert [(job.state, job.attempts) for job in trainer.jobs] == [("succeeded", 2)]


def test_every_job_that_ends_is_counted_and_a_crash_that_is_tried_again_is_not(
    request: pytest.FixtureRequest,
    rows: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Despliegue/test")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "trainer")
    trainer: Trainer = request.getfixturevalue("trainer")

    def out_of_memory(*_: object) -> None:
        raise MemoryError

    good, bad, heavy = (f"uploads/churn/{name}.csv" for name in ("good", "bad", "heavy"))
    for key, body in ((good, rows), (bad, b"no,such\ncolumns,here\n"), (heavy, rows)):
        trainer.uploads.write(key, body)
    assert trainer(_notice(good), _notice(bad)) == NOTHING_AGAIN
    with monkeypatch.context() as patch:
        patch.setattr("functions.trainer.handler._worker._train", out_of_memory)
        assert [trainer(_notice(heavy)) for _ in range(MAX_ATTEMPTS)] == [_again(FIRST)] * MAX_ATTEMPTS
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    jobs = {job.upload: job.job for job in trainer.jobs}
    names = ("JobsSucceeded", "JobsRefused", "JobsFailed", "JobsSuperseded")
    counted = [(line["job"], line.get("version"), [name for name in names if name in line]) for line in lines]
    assert counted == [
        (jobs[good], 1, ["JobsSucceeded"]),
        (jobs[bad], None, ["JobsRefused"]),
        (jobs[heavy], None, ["JobsFailed"]),
    ]
    assert all(line["TrainingSeconds"][0] > 0 and line["model"] == "churn" for line in lines)


def test_logs_name_the_message_and_never_hold_what_it_says(
    trainer: Trainer, caplog: pytest.LogCaptureFixture, rows: bytes
) -> None:
    trainer.uploads.write("uploads/churn/rows.csv", b"9999-SECRET" + rows[rows.index(b"\n") :])
    trainer(_notice("uploads/churn/rows.csv"), "9999-SECRET")
    written = [vars(record) for record in caplog.records]
    assert SECOND in {one.get("message_id") for one in written}
    assert "9999-SECRET" not in caplog.text + str(written)


def _batch(*bodies: str) -> dict[str, Any]:
    """One message of the template for each body."""
    batch = deepcopy(BATCH)
    del batch["Records"][len(bodies) :]
    for message, body in zip(batch["Records"], bodies, strict=True):
        message["body"] = body
    return batch


def _notice(key: str) -> str:
    """S3's own notice, for an object under the uploads prefix of the bucket."""
    notice = json.loads(BATCH["Records"][0]["body"])
    notice["Records"][0]["s3"]["object"]["key"] = quote_plus(f"team/{key}", safe="/")
    return json.dumps(notice)


def _again(*messages: str) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": message} for message in messages]}


def _waiting_job(upload: str) -> Job:
    moment = now()
    return Job(
        job=upload.split("/")[3],
        model="churn",
        upload=upload,
        mode="replace",
        force=False,
        actor="ana",
        data_time=moment,
        fingerprint="f",
        created=moment,
        updated=moment,
        state="waiting",
    )
