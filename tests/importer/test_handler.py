"""The importer with whole events of CloudFormation, over S3, and with a server that receives its answers."""

from __future__ import annotations

import importlib
import json
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.error import HTTPError

import pytest
from obstore.exceptions import PermissionDeniedError

from functions.aws.s3_refusals import S3Refusal
from functions.aws.s3_storage import S3Storage
from functions.core.local_storage import LocalStorage
from functions.core.manifest import Manifest
from functions.core.registry import Registry
from functions.core.version_folder import write_version
from tests.lambda_context import Context

Publish = Callable[..., Manifest]
EVENT: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[1] / "events" / "cloudformation_create.json").read_bytes()
)


@dataclass(slots=True)
class CloudFormation:
    """The receiver of the answers: it returns each status in `refusals`, and then 200."""

    url: str = ""
    refusals: list[int] = field(default_factory=list)
    content_types: list[str] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture
def cloudformation() -> Iterator[CloudFormation]:
    found = CloudFormation()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if found.refusals:
                self.send_error(found.refusals.pop(0))
                return
            found.content_types.append(self.headers["Content-Type"])
            found.answers.append(json.loads(body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_address[1]}/arn%3Aaws?X-Amz-Signature=secret"
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def versions(tmp_path: Path, publish: Publish) -> Path:
    """The folder of a build with a version of churn, and no other."""
    elsewhere = Registry(LocalStorage(tmp_path / "elsewhere"))
    write_version(elsewhere, publish(elsewhere), tmp_path / "versions" / "churn")
    return tmp_path / "versions"


@pytest.fixture
def registry(bucket: str, aws_variables: dict[str, str]) -> Registry:
    return Registry(S3Storage(bucket, "registry", aws_variables))


@pytest.fixture
def importer(bucket: str, versions: Path, aws_environment: None, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setenv("DESPLIEGUE_REGISTRY", f"s3://{bucket}/registry")
    monkeypatch.setenv("DESPLIEGUE_VERSIONS", str(versions))
    sys.modules.pop("functions.importer.handler", None)
    return importlib.import_module("functions.importer.handler")


@pytest.fixture
def deploy(importer: ModuleType, cloudformation: CloudFormation) -> Callable[..., dict[str, Any]]:
    """deploy("Update") sends the event to the function and gives what CloudFormation was answered."""

    def send(request: str = "Create", context: Context | None = None, **properties: str) -> dict[str, Any]:
        given = {**EVENT["ResourceProperties"], **properties}
        event = {**EVENT, "RequestType": request, "ResponseURL": cloudformation.url, "ResourceProperties": given}
        importer.handler(event, context or Context())
        return cloudformation.answers[-1]

    return send


def test_the_first_deployment_puts_the_version_in_production(
    deploy: Callable[..., dict[str, Any]], registry: Registry, cloudformation: CloudFormation
) -> None:
    answer = deploy()
    assert answer == {
        "Status": "SUCCESS",
        "Reason": "",
        "PhysicalResourceId": "baked-versions",
        "StackId": EVENT["StackId"],
        "RequestId": EVENT["RequestId"],
        "LogicalResourceId": EVENT["LogicalResourceId"],
        "Data": {"Outcomes": "churn version 1 promoted: nothing was in production before"},
    }
    assert cloudformation.content_types == [""]
    production = registry.pointer("churn").production
    assert production is not None
    assert (production.version, production.actor) == (1, "baked")


def test_a_ping_imports_nothing_and_cloudformation_hears_nothing(
    importer: ModuleType, registry: Registry, cloudformation: CloudFormation
) -> None:
    importer.handler({"source": "despliegue.ping"}, Context())
    assert (registry.versions("churn"), cloudformation.answers) == ([], [])


def test_an_event_that_comes_again_imports_nothing_and_is_answered(
    deploy: Callable[..., dict[str, Any]], registry: Registry, cloudformation: CloudFormation
) -> None:
    assert [deploy()["Status"] for _ in range(3)] == ["SUCCESS"] * 3
    assert registry.versions("churn") == [1]
    assert len(registry.history("churn")) == 1
    assert len(cloudformation.answers) == 3


@pytest.fixture
def denials(importer: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The codes with which S3 refuses the next writes; what is left of them was not asked for."""
    codes: list[str] = []
    put = S3Storage._put

    def refuse(self: S3Storage, key: str, body: bytes, *mode: Any) -> str:
        if codes:
            text = f"status code: 403 Forbidden: <Error><Code>{codes.pop(0)}</Code></Error>"
            raise S3Refusal(PermissionDeniedError(text))
        return put(self, key, body, *mode)

    monkeypatch.setattr(S3Storage, "_put", refuse)
    monkeypatch.setattr(importer, "SETTLING_PAUSES", (0.0, 0.0, None))
    return codes


def test_a_role_that_s3_does_not_know_yet_does_not_fail_the_first_deployment(
    deploy: Callable[..., dict[str, Any]], registry: Registry, denials: list[str]
) -> None:
    denials += ["AccessDenied", "AccessDenied"]
    assert deploy()["Status"] == "SUCCESS"
    assert registry.versions("churn") == [1]


def test_a_role_that_may_not_write_fails_the_deployment_after_half_a_minute(
    deploy: Callable[..., dict[str, Any]], denials: list[str], importer: ModuleType
) -> None:
    denials += ["AccessDenied"] * 9
    answer = deploy()
    assert answer["Status"] == "FAILED"
    assert "AccessDenied" in answer["Reason"]
    assert len(denials) == 6


def test_another_error_of_s3_is_not_waited_for(deploy: Callable[..., dict[str, Any]], denials: list[str]) -> None:
    denials += ["InternalError"] * 9
    assert deploy()["Status"] == "FAILED"
    assert len(denials) == 8


def test_denials_are_waited_for_during_half_a_minute(importer: ModuleType) -> None:
    *pauses, last = importer.SETTLING_PAUSES
    assert (sum(pauses), last) == (30, None)


def test_a_later_deployment_keeps_what_serves(
    deploy: Callable[..., dict[str, Any]], registry: Registry, publish: Publish
) -> None:
    registry.promote_now("churn", publish(registry, leave=0.75).version, actor="ana", pinned=False)
    assert deploy("Update")["Status"] == "SUCCESS"
    assert registry.versions("churn") == [1, 2]
    production = registry.pointer("churn").production
    assert production is not None
    assert (production.version, production.actor) == (1, "ana")


def test_the_answer_and_the_log_say_that_another_version_stays(
    deploy: Callable[..., dict[str, Any]], registry: Registry, publish: Publish, caplog: pytest.LogCaptureFixture
) -> None:
    registry.promote_now("churn", publish(registry, leave=0.75).version, actor="ana", pinned=False)
    told = "churn version 2 not promoted: another version was in production, and stays"
    assert deploy("Update")["Data"] == {"Outcomes": told}
    (logged,) = [vars(one) for one in caplog.records if one.msg == "the image's version is in the registry"]
    assert (logged["version"], logged["production"], logged["promoted"]) == (2, 1, False)
    assert logged["reason"] == "another version was in production, and stays"


def test_a_deployment_with_the_gate_asks_it_where_another_version_serves(
    deploy: Callable[..., dict[str, Any]], registry: Registry, publish: Publish
) -> None:
    registry.promote_now("churn", publish(registry, leave=0.75).version, actor="ana", pinned=False)
    for _ in range(2):
        outcomes = deploy("Update", Promote="gate")["Data"]["Outcomes"]
        assert outcomes.startswith("churn version 2 not promoted: accuracy is not defined on the evaluation rows")
    production = registry.pointer("churn").production
    assert production is not None
    assert production.version == 1


def test_the_end_of_a_stack_touches_nothing(
    deploy: Callable[..., dict[str, Any]], registry: Registry, versions: Path
) -> None:
    shutil.rmtree(versions)
    answer = deploy("Delete")
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "baked-versions")
    assert registry.versions("churn") == []


def test_a_damaged_version_fails_the_deployment_and_names_the_file(
    deploy: Callable[..., dict[str, Any]], registry: Registry, versions: Path
) -> None:
    (versions / "churn" / "model.onnx").write_bytes(b"other")
    answer = deploy()
    assert answer["Status"] == "FAILED"
    assert f"{versions}/churn/model.onnx differs from the sha256 in its manifest" in answer["Reason"]
    assert Context().log_stream_name in answer["Reason"]
    assert registry.versions("churn") == []


def change_manifest(folder: Path, **changes: Any) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **changes}), encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"limits": {"max_instances": 0}}, "1 instances are more than 0"),
        ({"example": {"tenancy": 3}}, "cannot answer its own example"),
    ],
)
def test_a_version_that_cannot_serve_is_kept_and_fails_the_deployment(
    deploy: Callable[..., dict[str, Any]], registry: Registry, versions: Path, changes: dict[str, Any], reason: str
) -> None:
    change_manifest(versions / "churn", **changes)
    for request in ("Create", "Update"):
        answer = deploy(request)
        assert answer["Status"] == "FAILED"
        assert "churn version 1 is not promoted, because it cannot serve" in answer["Reason"]
        assert reason in answer["Reason"]
    assert (registry.versions("churn"), registry.promotable("churn").production) == ([1], None)


def test_a_version_with_an_unreadable_manifest_is_not_imported(
    deploy: Callable[..., dict[str, Any]], registry: Registry, versions: Path
) -> None:
    change_manifest(versions / "churn", limits={"max_instances": "many"})
    answer = deploy("Create")
    assert answer["Status"] == "FAILED"
    assert 'limits.max_instances: a whole number is expected, "many" was found' in answer["Reason"]
    assert registry.versions("churn") == []


def test_a_later_deployment_is_not_held_up_by_a_version_that_cannot_serve(
    deploy: Callable[..., dict[str, Any]], registry: Registry, versions: Path, publish: Publish
) -> None:
    registry.promote_now("churn", publish(registry, leave=0.75).version, actor="ana", pinned=False)
    change_manifest(versions / "churn", limits={"max_instances": 0})
    assert deploy("Update")["Status"] == "SUCCESS"
    production = registry.pointer("churn").production
    assert production is not None
    assert production.version == 1


def test_an_image_without_a_build_fails_the_deployment(deploy: Callable[..., dict[str, Any]], versions: Path) -> None:
    shutil.rmtree(versions)
    answer = deploy()
    assert answer["Status"] == "FAILED"
    assert f"DESPLIEGUE_VERSIONS: no folder {versions}" in answer["Reason"]


def test_a_missing_registry_fails_the_deployment_with_an_answer_that_is_not_too_long(
    deploy: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESPLIEGUE_REGISTRY", "s3://despliegue-no-such-bucket/" + "long/" * 150)
    answer = deploy()
    assert answer["Status"] == "FAILED"
    assert "S3 failed" in answer["Reason"]
    assert len(json.dumps(answer)) < 4096


def test_what_nobody_foresaw_is_answered_as_well(
    deploy: Callable[..., dict[str, Any]], importer: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise MemoryError("no more")

    monkeypatch.setattr(importer, "import_and_promote", crash)
    answer = deploy()
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith("MemoryError: no more")


def test_before_its_time_is_up_it_answers_that_it_is_not_done(
    deploy: Callable[..., dict[str, Any]], importer: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = threading.Event()
    monkeypatch.setattr(importer, "import_and_promote", lambda *_: answered.wait())
    answer = deploy(context=Context(remaining_milliseconds=20_050))
    answered.set()
    assert answer["Status"] == "FAILED"
    assert "was not done after" in answer["Reason"]


def test_an_answer_that_is_refused_is_given_again(
    deploy: Callable[..., dict[str, Any]], cloudformation: CloudFormation
) -> None:
    cloudformation.refusals = [503]
    assert deploy()["Status"] == "SUCCESS"


def test_an_answer_that_never_arrives_is_an_error_so_that_lambda_sends_the_event_again(
    deploy: Callable[..., dict[str, Any]], cloudformation: CloudFormation, registry: Registry
) -> None:
    cloudformation.refusals = [500, 500, 500]
    with pytest.raises(HTTPError):
        deploy()
    assert deploy()["Status"] == "SUCCESS"
    assert registry.versions("churn") == [1]


def test_the_signed_url_is_not_logged(
    deploy: Callable[..., dict[str, Any]], cloudformation: CloudFormation, caplog: pytest.LogCaptureFixture
) -> None:
    cloudformation.refusals = [503]
    deploy()
    logged = [str(vars(record)) for record in caplog.records]
    assert any("CloudFormation was not reached" in one for one in logged)
    assert not any("X-Amz-Signature" in one for one in logged)
