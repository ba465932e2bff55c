"""The three handlers under Lambda's own runtime client: they start, answer, and survive what is sent to them."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

from functions.aws.s3_storage import S3Storage
from functions.core.clock import now
from functions.core.jobs import MAX_ATTEMPTS, Job, Jobs
from functions.core.manifest import Manifest
from functions.core.registry import Registry
from functions.trainer.deadline import STOP_SECONDS

PROJECT = Path(__file__).resolve().parents[2]
EVENTS = PROJECT / "tests" / "events"
GET: dict[str, Any] = json.loads((EVENTS / "http_api_get.json").read_bytes())
POST: dict[str, Any] = json.loads((EVENTS / "http_api_post.json").read_bytes())
SQS: dict[str, Any] = json.loads((EVENTS / "sqs_two_messages.json").read_bytes())
CUSTOMER_ID = json.loads(POST["body"])["customerid"]
PREDICT = "functions.inference.predict_handler.handler"
CONTROL = "functions.inference.control_handler.handler"
TRAINER = "functions.trainer.handler.handler"
ROWS = 400
KEY = "uploads/churn/año 2026.csv"
TIMEOUT_SECONDS = STOP_SECONDS + 2
"""The seconds of a trainer that shall be stopped soon."""
TOKEN = "dsp_not-to-be-logged"  # noqa: S105


def working(work: str) -> str:
    """A pipeline whose fit does that work first."""
    return f"""

class Working(LogisticRegression):
    def fit(self, rows, labels):
        {work}
        return super().fit(rows, labels)


def build_pipeline(**args):
    return Pipeline([("vectorizer", DictVectorizer(sparse=False)), ("model", Working(**args))])
"""


ON_ALL_PROCESSORS = """
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier


def build_pipeline(**args):
    forest = RandomForestClassifier(n_estimators=4, n_jobs=-1)
    model = CalibratedClassifierCV(forest, n_jobs=-1)
    return Pipeline([("vectorizer", DictVectorizer(sparse=False)), ("model", model)])
"""
FOR_EVER_IN_C = working("import hashlib; hashlib.pbkdf2_hmac('sha256', b'', b'', 2**31 - 1)")
TO_ITS_DEATH = working("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
Start = Callable[..., Any]
Publish = Callable[..., Manifest]
ModelsThat = Callable[[str], str]


@pytest.fixture
def places(bucket: str) -> dict[str, str]:
    return {
        "DESPLIEGUE_REGISTRY": f"s3://{bucket}",
        "DESPLIEGUE_UPLOADS": f"s3://{bucket}",
        "DESPLIEGUE_PREDICTIONS": "predictions",
        "DESPLIEGUE_BATCH_DAYS": "90",
        "DESPLIEGUE_BATCH_MEMORY_MB": "1769",
    }


@pytest.fixture
def registry(bucket: str, aws_variables: dict[str, str]) -> Registry:
    return Registry(S3Storage(bucket, environment=aws_variables))


@pytest.fixture
def jobs(registry: Registry) -> Jobs:
    return Jobs(registry.storage)


@pytest.fixture
def uploaded(bucket: str, s3: Any) -> dict[str, Any]:
    """The queue's message for rows of churn that were uploaded."""
    sample = (PROJECT / "models" / "churn" / "sample.csv").read_bytes().splitlines(keepends=True)
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"".join(sample[: ROWS + 1]))
    message: dict[str, Any] = deepcopy(SQS["Records"][0])
    notice = json.loads(message["body"])
    notice["Records"][0]["s3"]["object"]["key"] = quote_plus(KEY, safe="/")
    message["body"] = json.dumps(notice)
    return message


@pytest.fixture
def models_that(tmp_path: Path) -> ModelsThat:
    """models_that(code): a folder of models with a churn whose pipeline.py ends so."""

    def copy(code: str) -> str:
        folder = tmp_path / "models" / "churn"
        shutil.copytree(PROJECT / "models" / "churn", folder)
        with (folder / "pipeline.py").open("a", encoding="utf-8") as pipeline:
            pipeline.write(code)
        return str(folder.parent)

    return copy


def test_predict_answers_and_survives_a_bad_body(
    start: Start, places: dict[str, str], registry: Registry, publish: Publish
) -> None:
    publish(registry)
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    function = start(PREDICT, **places, DESPLIEGUE_MODEL="churn")
    assert function.init_error is None
    assert _status(function(POST)) == 200
    assert _status(function({**POST, "body": "{"})) == 422
    answer = function(POST)
    assert (_status(answer), json.loads(answer["body"])["data"]["version"]) == (200, 1)
    assert function.is_running


def test_predict_logs_the_request_and_never_its_payload(start: Start, places: dict[str, str]) -> None:
    function = start(PREDICT, **places, DESPLIEGUE_MODEL="churn", POWERTOOLS_LOGGER_LOG_EVENT="true")
    asked = deepcopy(POST)
    asked["headers"]["authorization"] = f"Bearer {TOKEN}"
    assert _status(function(asked)) == 503
    lines = [json.loads(line) for line in function.log.splitlines()]
    (answered,) = (line for line in lines if line["message"] == "request answered")
    assert {name: answered[name] for name in ("status", "model", "rows")} == {
        "status": 503,
        "model": "churn",
        "rows": 0,
    }
    ours = [line for line in lines if line.get("correlation_id") == POST["requestContext"]["requestId"]]
    assert {(line["service"], line["cold_start"]) for line in ours} == {("despliegue-under-test", True)}
    assert CUSTOMER_ID in POST["body"]
    assert CUSTOMER_ID not in function.log
    assert TOKEN not in function.log


def test_metrics_lie_in_the_log_where_a_namespace_is_set(
    start: Start, places: dict[str, str], registry: Registry, publish: Publish
) -> None:
    publish(registry)
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    function = start(PREDICT, **places, DESPLIEGUE_MODEL="churn", POWERTOOLS_METRICS_NAMESPACE="Despliegue/test")
    for _ in range(2):
        assert _status(function(POST)) == 200
    first, second = _metrics(function)
    assert (first["ColdStart"], first["Rows"], "ColdStart" in second) == ([1.0], [1.0], False)
    assert (second["service"], second["model"], second["version"]) == ("despliegue-under-test", "churn", 1)


def test_predict_without_its_settings_does_not_start_and_says_which(start: Start, places: dict[str, str]) -> None:
    function = start(PREDICT, **places)
    assert function.init_error is not None
    assert function.init_error["errorType"] == "SettingError"
    assert "DESPLIEGUE_MODEL" in function.init_error["errorMessage"]


def test_control_answers_and_survives_a_bad_body(start: Start, places: dict[str, str]) -> None:
    function = start(CONTROL, **places)
    assert function.init_error is None
    answer = function(GET)
    assert _status(answer) == 200
    assert "churn" in json.loads(answer["body"])["data"]["models"]
    retrain = deepcopy(POST)
    retrain["rawPath"] = retrain["requestContext"]["http"]["path"] = "/models/churn/retrain"
    retrain["routeKey"] = "POST /models/{model}/retrain"
    retrain["body"] = "{"
    assert _status(function(retrain)) == 422
    assert _status(function(GET)) == 200
    assert function.is_running


@pytest.mark.parametrize("handler", [CONTROL, TRAINER])
def test_no_function_logs_its_events_even_if_the_environment_says_so(
    start: Start, places: dict[str, str], handler: str
) -> None:
    function = start(handler, **places, POWERTOOLS_LOGGER_LOG_EVENT="true")
    event = deepcopy(POST if handler == CONTROL else SQS)
    event["secret"] = TOKEN
    if handler == TRAINER:
        for message in event["Records"]:
            message["body"] = json.dumps({"secret": TOKEN})
    function(event)
    assert function.log
    assert TOKEN not in function.log


def test_the_trainer_makes_a_version_of_an_upload(
    start: Start, places: dict[str, str], uploaded: dict[str, Any], registry: Registry
) -> None:
    function = start(TRAINER, **places, POWERTOOLS_METRICS_NAMESPACE="Despliegue/test")
    assert function.init_error is None
    batch = {"Records": [uploaded, {**SQS["Records"][1], "body": "no notice"}]}
    assert function(batch) == {"batchItemFailures": [{"itemIdentifier": batch["Records"][1]["messageId"]}]}
    assert registry.versions("churn") == [1]
    (line,) = _metrics(function)
    assert (line["JobsSucceeded"], line["version"]) == ([1.0], 1)


def test_a_pipeline_on_all_processors_is_fitted_where_joblib_may_start_no_processes(
    start: Start, places: dict[str, str], uploaded: dict[str, Any], jobs: Jobs, models_that: ModelsThat
) -> None:
    models = models_that(ON_ALL_PROCESSORS)
    function = start(TRAINER, **places, DESPLIEGUE_MODELS=models, JOBLIB_MULTIPROCESSING="0")
    assert function({"Records": [uploaded]}) == {"batchItemFailures": []}
    job = _job(jobs)
    assert job.state == "succeeded", job.reason


@pytest.mark.parametrize("code", [working("import time; time.sleep(3600)"), working("while True: pass")])
def test_a_training_is_stopped_before_it_is_cut_off_and_its_message_leaves_the_queue(
    start: Start, places: dict[str, str], uploaded: dict[str, Any], jobs: Jobs, models_that: ModelsThat, code: str
) -> None:
    variables = {**places, "DESPLIEGUE_MODELS": models_that(code), "POWERTOOLS_METRICS_NAMESPACE": "Despliegue/test"}
    function = start(TRAINER, timeout_seconds=TIMEOUT_SECONDS, **variables)
    for _ in range(2):
        assert function({"Records": [uploaded]}) == {"batchItemFailures": []}
        _assert_out_of_time(jobs, function)


def test_a_training_that_never_returns_from_c_ends_with_its_process_for_good(
    start: Start, places: dict[str, str], uploaded: dict[str, Any], jobs: Jobs, models_that: ModelsThat
) -> None:
    models = models_that(FOR_EVER_IN_C)
    variables = {**places, "DESPLIEGUE_MODELS": models, "POWERTOOLS_METRICS_NAMESPACE": "Despliegue/test"}
    function = start(TRAINER, timeout_seconds=TIMEOUT_SECONDS, **variables)
    assert function.dies_of({"Records": [uploaded]}) == 1
    _assert_out_of_time(jobs, function)
    assert start(TRAINER, **variables)({"Records": [uploaded]}) == {"batchItemFailures": []}
    assert _job(jobs).attempts == 1


def test_a_trainer_that_dies_in_every_attempt_leaves_a_failed_job(
    start: Start,
    places: dict[str, str],
    uploaded: dict[str, Any],
    registry: Registry,
    jobs: Jobs,
    models_that: ModelsThat,
) -> None:
    """The queue gives a message out as often as a job may be tried; after that it is dropped."""
    models = models_that(TO_ITS_DEATH)
    for _ in range(MAX_ATTEMPTS):
        function = start(TRAINER, **places, DESPLIEGUE_MODELS=models)
        assert function.dies_of({"Records": [uploaded]}) == -signal.SIGKILL
        _end_lease(registry, _job(jobs))
    job = _job(jobs)
    assert (job.state, job.attempts) == ("failed", MAX_ATTEMPTS)
    assert "the trainer died in each of 3 attempts" in str(job.reason)


def _job(jobs: Jobs) -> Job:
    (job,) = jobs.newest_first("churn").entries
    return job


def _end_lease(registry: Registry, job: Job) -> None:
    """Let the time pass that a message waits before it comes again."""
    record = replace(job, lease_until=now(plus_seconds=-1))
    registry.storage.write(f"models/churn/jobs/{job.job}.json", record.to_json())


def _assert_out_of_time(jobs: Jobs, function: Any) -> None:
    job = _job(jobs)
    assert (job.state, job.attempts) == ("failed", 1)
    assert f"not finished in {TIMEOUT_SECONDS:.0f} seconds: send fewer rows" in str(job.reason)
    (line,) = _metrics(function)
    assert (line["JobsFailed"], line["job"]) == ([1.0], job.job)


def _metrics(function: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in function.log.splitlines() if '"_aws"' in line]


def _status(answer: dict[str, Any]) -> int:
    status: int = answer["statusCode"]
    return status
