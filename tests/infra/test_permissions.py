from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from functions.core.batch_record import BatchResult
from functions.core.batch_submission import BatchRequest, BatchSubmissions
from functions.core.batches import Batches
from functions.core.definition import Definition
from functions.core.errors import ConflictError, ObjectNotFoundError, StorageError
from functions.core.local_storage import LocalStorage
from functions.core.schema import Feature, Schema
from functions.core.storage import StoredObject

Json = dict[str, Any]
May = Callable[[str, str, str, str], bool]

GET, PUT, LIST, DELETE = "s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:DeleteObject"
MANIFEST = "models/fast/versions/3/manifest.json"
POINTER = "models/fast/production.json"
HISTORY = "models/fast/history/7.json"
JOB = "models/fast/jobs/abc.json"
ROWS = "data/0123abcd"
UPLOAD = "uploads/fast/rows.csv"
BATCH = "models/fast/batches/0123abcd/manifest.json"
ANSWERING = "models/fast/predictions.json"
BATCH_NOTES = ["models/fast/times/batches/20260131T100521-0123abcd", "models/fast/times/batches-of-3/20260131T1-0123"]
TO_PREDICT = "to-predict/fast/rows.csv"
RESULT = "batches/fast/0123abcd/out/part-00001.jsonl.gz"
START, PUT_ITEMS, GET_ITEMS = "states:StartExecution", "dynamodb:BatchWriteItem", "dynamodb:BatchGetItem"


@pytest.fixture(scope="module")
def secret(resources: Callable[[str], Json]) -> str:
    (name,) = resources("AWS::SecretsManager::Secret")
    return name


@pytest.fixture(scope="module")
def table(resources: Callable[[str], Json]) -> str:
    (name,) = resources("AWS::DynamoDB::Table")
    return name


@pytest.mark.parametrize("key", [MANIFEST, "models/fast/versions/3/model.onnx", POINTER])
def test_predict_reads_its_model(may: May, key: str) -> None:
    assert may("predict-fast", GET, "registry", key)


@pytest.mark.parametrize("key", [HISTORY, JOB, ROWS, "models/slow-one/versions/1/model.onnx"])
def test_predict_reads_nothing_else(may: May, key: str) -> None:
    assert not may("predict-fast", GET, "registry", key)


@pytest.mark.parametrize("action", [GET, PUT, LIST, DELETE])
def test_predict_has_no_part_in_uploads(may: May, action: str) -> None:
    assert not may("predict-fast", action, "uploads", UPLOAD)


@pytest.mark.parametrize("key", [MANIFEST, POINTER, HISTORY, JOB, ROWS])
@pytest.mark.parametrize("action", [PUT, DELETE, LIST])
def test_predict_is_read_only(may: May, action: str, key: str) -> None:
    assert not may("predict-fast", action, "registry", key)


@pytest.mark.parametrize("key", [MANIFEST, POINTER, HISTORY, JOB, "models/slow-one/production.json"])
def test_control_reads_all_models(may: May, key: str) -> None:
    assert may("control", GET, "registry", key)


@pytest.mark.parametrize(
    "key", [POINTER, HISTORY, JOB, "models/slow-one/production.json", BATCH, ANSWERING, *BATCH_NOTES]
)
def test_control_writes_pointers_history_jobs_and_batches(may: May, key: str) -> None:
    assert may("control", PUT, "registry", key)


@pytest.mark.parametrize(
    "key",
    [
        MANIFEST,
        "models/fast/versions/3/model.onnx",
        "models/fast/versions/4/claim.json",
        "models/fast/versions/3/production.json",
        "models/fast/versions/3/jobs/x.json",
        "models/fast/versions/3/history/x.json",
        "models/fast/versions/3/batches/x.json",
        ROWS,
    ],
)
def test_control_writes_neither_versions_nor_data(may: May, key: str) -> None:
    assert not may("control", PUT, "registry", key)


def test_control_cannot_read_or_list_training_data(may: May) -> None:
    assert not may("control", GET, "registry", ROWS)
    assert not may("control", LIST, "registry", "data/")
    assert not may("control", LIST, "registry", "")


def test_control_lists_models(may: May) -> None:
    assert may("control", LIST, "registry", "models/fast/versions/")


def test_control_puts_uploads_and_cannot_read_them(may: May) -> None:
    assert may("control", PUT, "uploads", UPLOAD)
    assert not may("control", PUT, "uploads", "elsewhere/rows.csv")
    assert not may("control", GET, "uploads", UPLOAD)


def test_control_takes_files_of_batches_in_and_gives_their_results_out(
    may: May, allows: Callable[..., bool], table: str
) -> None:
    """A link to a result is signed by the role that may read it."""
    assert may("control", PUT, "uploads", TO_PREDICT)
    assert may("control", GET, "uploads", RESULT)
    assert may("control", LIST, "uploads", "batches/fast/0123abcd/done/")
    assert not may("control", GET, "uploads", TO_PREDICT)
    assert not may("control", PUT, "uploads", RESULT)
    assert not may("control", LIST, "uploads", "")
    assert allows("control", GET_ITEMS, table)
    assert not allows("control", PUT_ITEMS, table)


class OfRole(LocalStorage):
    """A bucket as the role of a function sees it: S3 refuses a read without permission as if nothing were there."""

    def __init__(self, root: Path, may: May, function: str, bucket: str) -> None:
        super().__init__(root)
        self._may = lambda action, key: may(function, action, bucket, key)

    def read(self, key: str) -> StoredObject:
        self._require_readable(key)
        return super().read(key)

    def size_bytes(self, key: str) -> int:
        self._require_readable(key)
        return super().size_bytes(key)

    def write(self, key: str, body: bytes) -> str:
        self._require(PUT, key)
        return super().write(key, body)

    def create(self, key: str, body: bytes) -> str:
        self._require(PUT, key)
        return super().create(key, body)

    def replace(self, key: str, body: bytes, etag: str) -> str:
        self._require(PUT, key)
        return super().replace(key, body, etag)

    def children(self, prefix: str) -> list[str]:
        self._require(LIST, f"{prefix}/")
        return super().children(prefix)

    def _require(self, action: str, key: str) -> None:
        if not self._may(action, key):
            raise StorageError(f"{action} is denied for {key}")

    def _require_readable(self, key: str) -> None:
        if not self._may(GET, key):
            raise ObjectNotFoundError(key)


def test_control_begins_a_batch_again_whose_file_it_may_not_read(may: May, tmp_path: Path) -> None:
    records = OfRole(tmp_path / "registry", may, "control", "registry")
    files = OfRole(tmp_path / "uploads", may, "control", "uploads")
    schema = Schema((Feature("rooms", "integer"),), Feature("price", "number"))
    definition = Definition("fast", "tabular-regression", "", schema, tmp_path, "d" * 64)
    submissions = BatchSubmissions(records, files)
    batch = submissions.submit(definition, [{"rooms": 2}], BatchRequest())
    failed = BatchResult("failed", "2026-01-31T12:00:00.000000Z", done=0, refused=0, seconds=0.0)
    Batches(records, files).change("fast", batch.batch, lambda one: replace(one, result=failed))
    assert submissions.retry("fast", batch.batch).attempt == 2
    LocalStorage(tmp_path / "uploads").delete(batch.input)
    Batches(records, files).change("fast", batch.batch, lambda one: replace(one, result=failed))
    with pytest.raises(ConflictError, match="is not there"):
        submissions.retry("fast", batch.batch)


@pytest.mark.parametrize("key", [MANIFEST, POINTER, BATCH, ANSWERING])
def test_the_worker_of_batches_reads_all_models(may: May, key: str) -> None:
    assert may("batch", GET, "registry", key)
    assert may("batch", LIST, "registry", "models/fast/versions/")


@pytest.mark.parametrize("key", [BATCH, ANSWERING, *BATCH_NOTES])
def test_the_worker_of_batches_writes_their_records(may: May, key: str) -> None:
    assert may("batch", PUT, "registry", key)


@pytest.mark.parametrize("key", [MANIFEST, POINTER, HISTORY, JOB, ROWS, "models/fast/versions/3/batches/x.json"])
def test_the_worker_of_batches_writes_nothing_else_in_the_registry(may: May, key: str) -> None:
    assert not may("batch", PUT, "registry", key)


def test_the_worker_of_batches_reads_their_files_and_writes_no_file_that_starts_one(may: May) -> None:
    for key in (TO_PREDICT, RESULT):
        assert may("batch", GET, "uploads", key)
        assert may("batch", LIST, "uploads", key)
    assert may("batch", PUT, "uploads", RESULT)
    assert not may("batch", PUT, "uploads", TO_PREDICT)


def test_the_worker_of_batches_sees_no_training_rows(may: May) -> None:
    assert not may("batch", GET, "registry", ROWS)
    assert not may("batch", LIST, "registry", "data/")
    assert not may("batch", GET, "uploads", UPLOAD)
    assert not may("batch", LIST, "uploads", UPLOAD)


def test_the_stages_of_batches_read_and_write_what_the_worker_does_but_no_pointer(may: May) -> None:
    for key in (TO_PREDICT, RESULT):
        assert may("batch-stages", GET, "uploads", key)
    assert may("batch-stages", PUT, "uploads", RESULT)
    assert not may("batch-stages", PUT, "uploads", TO_PREDICT)
    assert not may("batch-stages", GET, "uploads", UPLOAD)
    assert may("batch-stages", GET, "registry", MANIFEST)
    assert may("batch-stages", PUT, "registry", BATCH)
    for key in (MANIFEST, POINTER, ANSWERING, JOB, ROWS):
        assert not may("batch-stages", PUT, "registry", key)
    assert not may("batch-stages", GET, "registry", ROWS)


def test_the_worker_of_batches_alone_writes_predictions_and_starts_the_machine(
    allows: Callable[..., bool], functions: Json, statements: dict[str, list[Json]], table: str
) -> None:
    assert [name for name in functions if allows(name, PUT_ITEMS, table)] == ["batch"]
    starting = {name: one["Resource"] for name, many in statements.items() for one in many if START in one["Action"]}
    assert list(starting) == ["batch"]
    (machine,) = starting["batch"]
    assert machine.endswith(":stateMachine:despliegue-prod-batches")


@pytest.mark.parametrize("key", [MANIFEST, POINTER, HISTORY, JOB, ROWS])
@pytest.mark.parametrize("action", [GET, PUT, LIST])
def test_trainer_reads_writes_and_lists_the_registry(may: May, action: str, key: str) -> None:
    assert may("trainer", action, "registry", key)


def test_trainer_only_reads_uploads(may: May) -> None:
    assert may("trainer", GET, "uploads", UPLOAD)
    assert not may("trainer", PUT, "uploads", UPLOAD)


@pytest.mark.parametrize("key", [MANIFEST, POINTER, HISTORY, JOB, ROWS])
@pytest.mark.parametrize("action", [GET, PUT, LIST])
def test_importer_reads_writes_and_lists_the_registry(may: May, action: str, key: str) -> None:
    assert may("importer", action, "registry", key)


@pytest.mark.parametrize("action", [GET, PUT, LIST, DELETE])
@pytest.mark.parametrize("name", ["importer", "authorizer"])
def test_importer_and_authorizer_have_no_part_in_uploads(may: May, name: str, action: str) -> None:
    assert not may(name, action, "uploads", UPLOAD)


@pytest.mark.parametrize("action", [GET, PUT, LIST, DELETE])
@pytest.mark.parametrize("key", [MANIFEST, POINTER, JOB, ROWS])
def test_authorizer_has_no_part_in_the_registry(may: May, action: str, key: str) -> None:
    assert not may("authorizer", action, "registry", key)


def test_the_authorizer_alone_reads_the_tokens_and_nobody_writes_them(
    allows: Callable[..., bool], functions: Json, secret: str
) -> None:
    readers = [name for name in functions if allows(name, "secretsmanager:GetSecretValue", secret)]
    assert readers == ["authorizer"]
    for action in ("PutSecretValue", "UpdateSecret", "UpdateSecretVersionStage", "DeleteSecret", "ListSecrets"):
        assert not any(allows(name, f"secretsmanager:{action}", secret) for name in functions)


def test_no_other_secret_is_read(allows: Callable[..., bool], functions: Json) -> None:
    assert not any(allows(name, "secretsmanager:GetSecretValue", "another-secret") for name in functions)


def test_no_function_deletes_or_changes_access(may: May, functions: Json) -> None:
    for name in functions:
        for bucket, key in (("registry", MANIFEST), ("registry", ROWS), ("uploads", UPLOAD), ("uploads", RESULT)):
            for action in (DELETE, "s3:DeleteObjectVersion", "s3:PutObjectAcl", "s3:PutBucketPolicy"):
                assert not may(name, action, bucket, key)


def test_allowed_actions_are_exactly_these(statements: dict[str, list[Json]]) -> None:
    logs = {"logs:CreateLogStream", "logs:PutLogEvents"}
    queue = {"ReceiveMessage", "ChangeMessageVisibility", "GetQueueUrl", "DeleteMessage", "GetQueueAttributes"}
    allowed = {
        name: {action for one in many if one["Effect"] == "Allow" for action in one["Action"]}
        for name, many in statements.items()
    }
    assert allowed == {
        "predict-answers": {*logs, GET},
        "predict-fast": {*logs, GET},
        "predict-slow-one": {*logs, GET},
        "control": {*logs, GET, PUT, LIST, GET_ITEMS},
        "batch-stages": {*logs, GET, PUT, LIST, "events:PutEvents"},
        "batch": {*logs, GET, PUT, LIST, PUT_ITEMS, START, *(f"sqs:{one}" for one in queue), "events:PutEvents"},
        "trainer": {*logs, GET, PUT, LIST, *(f"sqs:{one}" for one in queue), "events:PutEvents"},
        "importer": {*logs, GET, PUT, LIST},
        "authorizer": {*logs, "secretsmanager:GetSecretValue"},
    }


def test_nobody_is_let_in_but_services_of_this_account(template: Json) -> None:
    """The policies of buckets, queues and the topic, and the permissions of functions: none is for everybody."""
    allowed = [
        statement
        for one in template["Resources"].values()
        for statement in one.get("Properties", {}).get("PolicyDocument", {}).get("Statement", [])
        if statement["Effect"] == "Allow"
    ]
    services = {statement["Principal"]["Service"] for statement in allowed}
    assert services == {"s3.amazonaws.com", "cloudwatch.amazonaws.com"}
    for statement in allowed:
        assert statement["Principal"].keys() == {"Service"}
        assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    types = {one["Type"] for one in template["Resources"].values()}
    assert not types & {"AWS::Lambda::Url", "AWS::SecretsManager::ResourcePolicy"}


def test_no_statement_is_for_every_resource(statements: dict[str, list[Json]]) -> None:
    for many in statements.values():
        for statement in many:
            assert not any(arn.startswith("*") or arn == "" for arn in statement["Resource"])


def test_roles_of_functions_are_of_lambda_and_have_one_policy(
    resources: Callable[[str], Json], functions: Json
) -> None:
    assert resources("AWS::IAM::Policy") == {}
    for function in functions.values():
        role = resources("AWS::IAM::Role")[function["Role"]["Fn::GetAtt"][0]]["Properties"]
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}
        assert "ManagedPolicyArns" not in role
        assert len(role["Policies"]) == 1


def _role(resources: Callable[[str], Json], service: str, construct: str = "") -> list[Json]:
    """The statements of the one role that a service of AWS takes for a construct."""
    (role,) = (
        one["Properties"]
        for key, one in resources("AWS::IAM::Role").items()
        if one["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": service}
        and key.startswith(construct)
    )
    assert "ManagedPolicyArns" not in role
    (policy,) = role["Policies"]
    return list(policy["PolicyDocument"]["Statement"])


def test_the_gateway_may_call_the_functions_behind_it_by_their_aliases_and_nothing_else(
    resources: Callable[[str], Json], live: dict[str, str]
) -> None:
    (statement,) = _role(resources, "apigateway.amazonaws.com")
    behind = [live["control"], *(key for name, key in live.items() if name.startswith("predict-"))]
    assert statement["Action"] == "lambda:InvokeFunction"
    assert sorted(one["Ref"] for one in statement["Resource"]) == sorted(behind)


def test_pings_may_call_every_function_and_nothing_else(
    resources: Callable[[str], Json], live: dict[str, str], functions: Json, machines: dict[str, str]
) -> None:
    (statement,) = _role(resources, "states.amazonaws.com", "Pings")
    assert statement["Action"] == "lambda:InvokeFunction"
    importer = {"Fn::GetAtt": [functions["importer"]["LogicalId"], "Arn"]}
    assert importer in statement["Resource"]
    assert sorted(one["Ref"] for one in statement["Resource"] if one != importer) == sorted(live.values())
    (starting,) = _role(resources, "scheduler.amazonaws.com")
    assert (starting["Action"], starting["Resource"]) == (START, {"Ref": machines["Pings"]})


def test_the_machine_of_batches_may_call_the_worker_read_shards_and_run_its_own_map(
    resources: Callable[[str], Json], live: dict[str, str], buckets: dict[str, str]
) -> None:
    calling, reading, starting, watching = _role(resources, "states.amazonaws.com", "Batches")
    assert calling["Action"] == "lambda:InvokeFunction"
    assert calling["Resource"] == [{"Ref": live["batch"]}, {"Ref": live["batch-stages"]}]
    assert reading["Action"] == GET
    bucket, key = reading["Resource"]["Fn::Join"][1]
    assert (bucket["Fn::GetAtt"][0], key) == (buckets["registry"], "/models/*/batches/*/shards.json")
    assert starting["Action"] == START
    assert starting["Resource"]["Fn::Join"][1][-1] == ":stateMachine:despliegue-prod-batches"
    assert watching["Action"] == ["states:DescribeExecution", "states:StopExecution"]
    assert watching["Resource"]["Fn::Join"][1][-1] == ":execution:despliegue-prod-batches*"


def test_releases_may_move_the_aliases_of_this_stage_and_look_at_alarms(
    resources: Callable[[str], Json], live: dict[str, str], functions: Json
) -> None:
    moving, looking = _role(resources, "codedeploy.amazonaws.com")
    assert moving["Action"] == ["lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"]
    named = {one["Fn::Join"][1][0]["Fn::GetAtt"][0] for one in moving["Resource"]}
    assert named == {functions[name]["LogicalId"] for name in live}
    assert {one["Fn::Join"][1][1] for one in moving["Resource"]} == {"*"}
    assert (looking["Action"], looking["Resource"]) == ("cloudwatch:DescribeAlarms", "*")
