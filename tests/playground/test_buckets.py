"""Files go to a bucket by signed forms and come back by signed links, from a page of another origin, as on AWS."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

import boto3
import pytest

from functions.aws.s3_storage import S3Storage
from functions.core.manifest import Manifest
from functions.core.model_folder import load_definition
from functions.core.registry import Registry
from functions.trainer.worker import Worker
from tests.bucket_rules import Rule
from tests.conftest import ROOT
from tests.lambda_context import event_loop_of_lambda
from tests.playground.browser import Browser, browser_running
from tests.playground.deployed_functions import Woken, gateway_running, notices_delivered, started
from tests.s3_relay import Relay, s3_relay
from tools.object_store import REGION
from tools.predictions_table import create_predictions_table

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHURN = ROOT / "models" / "churn"
SAMPLE = (CHURN / "sample.csv").read_text("utf-8").splitlines()
WAITS = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}}


@dataclass(frozen=True, slots=True)
class Deployed:
    """A deployment of churn, with the bucket behind `s3` and the page at `url`."""

    url: str
    s3: Relay


@pytest.fixture(scope="module")
def stack_rules() -> list[Rule]:
    """The rules of CORS that the stack gives the bucket of uploads."""
    cdk = pytest.importorskip("aws_cdk")
    from aws_cdk.assertions import Template

    from infra.buckets import Buckets

    stack = cdk.Stack(cdk.App(), "Buckets")
    Buckets(stack, "Buckets", removal=cdk.RemovalPolicy.DESTROY, upload_days=30, batch_days=90)
    found = Template.from_stack(stack).find_resources("AWS::S3::Bucket").values()
    (rules,) = [
        one["Properties"]["CorsConfiguration"]["CorsRules"] for one in found if "CorsConfiguration" in one["Properties"]
    ]
    return list(rules)


@pytest.fixture(scope="module")
def deployed(
    s3: S3Client, aws_variables: dict[str, str], publish: Callable[..., Manifest], stack_rules: list[Rule]
) -> Iterator[Deployed]:
    bucket = f"despliegue-{uuid4().hex}"
    s3.create_bucket(Bucket=bucket)
    registry, files = Registry(S3Storage(bucket, "registry", aws_variables)), S3Storage(bucket, "team", aws_variables)
    publish(registry)
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    with (
        s3_relay(aws_variables["AWS_ENDPOINT_URL"]) as relay,
        pytest.MonkeyPatch.context() as patch,
        event_loop_of_lambda(),
    ):
        relay.rules = stack_rules
        patch.delenv("AWS_PROFILE", raising=False)
        for name, value in {
            **aws_variables,
            "AWS_ENDPOINT_URL": relay.url,
            "DESPLIEGUE_REGISTRY": f"s3://{bucket}/registry",
            "DESPLIEGUE_UPLOADS": f"s3://{bucket}/team",
            "DESPLIEGUE_PREDICTIONS": create_predictions_table(_client("dynamodb", aws_variables)),
            "DESPLIEGUE_BATCH_MACHINE": _state_machine(aws_variables),
            "DESPLIEGUE_BATCH_DAYS": "7",
            "DESPLIEGUE_BATCH_MEMORY_MB": "1769",
        }.items():
            patch.setenv(name, value)
        control = started("functions.inference.control_handler")
        batches = started("functions.batch_worker.handler")
        definition = load_definition(CHURN)
        woken = Woken(files, registry, Worker({definition.name: definition}, registry, files), batches)
        with (
            notices_delivered(woken, lambda: relay.answered.count(("POST", 204))),
            gateway_running(definition, control) as url,
        ):
            yield Deployed(url, relay)


@pytest.fixture(scope="module")
def browser(deployed: Deployed) -> Iterator[Browser]:
    with browser_running(deployed.url) as found:
        yield found


def test_a_file_trains_a_version_through_the_bucket(browser: Browser, deployed: Deployed, tmp_path: Path) -> None:
    (tmp_path / "clientes de mayo.csv").write_text("\n".join(SAMPLE[:401]), encoding="utf-8")
    with browser.opened(others=[deployed.s3.url]) as opened:
        page = opened.go("churn/versions")
        page.locator("input[type=file]").set_input_files(tmp_path / "clientes de mayo.csv")
        page.get_by_role("button", name="Train with 400 rows").click()
        page.locator("table.comparison").wait_for(timeout=60_000)
        assert "Production" in page.locator("table.comparison").inner_text()
        assert opened.troubles == []
        opened.picture("bucket-retrained-en")
        page.get_by_text("2 versions").first.wait_for()
    assert _asked_of(deployed, "OPTIONS")  # a browser asks first where a page wants to see the progress of a file
    assert _asked_of(deployed, "POST")


def test_a_batch_goes_through_the_bucket_and_its_files_come_from_there(
    browser: Browser, deployed: Deployed, tmp_path: Path
) -> None:
    lines = SAMPLE[:62]
    cells = lines[7].split(",")
    cells[SAMPLE[0].split(",").index("tenure")] = "-3"
    lines[7] = ",".join(cells)
    (tmp_path / "clientes.csv").write_text("\n".join(lines), encoding="utf-8")
    with browser.opened(language="es", others=[deployed.s3.url]) as opened:
        page = opened.go("churn/table")
        page.locator("input[type=file]").set_input_files(tmp_path / "clientes.csv")
        page.get_by_role("button", name="Predecir como lote").click()
        page.get_by_text("Filas rechazadas").wait_for(timeout=60_000)
        assert "60 de 61 filas, 1 rechazada" in opened.text()
        with page.expect_download() as whole:
            page.get_by_role("button", name="Descargar todo en un archivo").click()
        joined = whole.value.path().read_bytes()
        results, errors = page.locator("ul.row").all()
        parts = [_saved(page, link) for link in results.locator("a[download]").all()]
        (refused,) = [_saved(page, link) for link in errors.locator("a[download]").all()]
        opened.require_tidy()
        opened.picture("bucket-batch-es")
    rows = list(csv.DictReader(io.StringIO(joined.decode("utf-8-sig"), newline="")))
    assert [row["customerID"] for row in rows] == [line.split(",")[0] for line in (*lines[1:7], *lines[8:])]
    assert {row["prediction"] for row in rows} <= {"no", "yes"}
    assert b"".join(parts) == joined
    assert b"tenure" in refused


def test_a_bucket_without_the_rule_of_the_stack_keeps_the_page_out(
    browser: Browser, deployed: Deployed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(deployed.s3, "rules", [])
    (tmp_path / "clientes.csv").write_text("\n".join(SAMPLE[:60]), encoding="utf-8")
    with browser.opened(others=[deployed.s3.url]) as opened:
        page = opened.go("churn/versions")
        page.locator("input[type=file]").set_input_files(tmp_path / "clientes.csv")
        page.get_by_role("button", name="Train with 59 rows").click()
        page.get_by_role("alert").wait_for()
        assert any("CORS" in one for one in opened.troubles)


def _asked_of(deployed: Deployed, method: str) -> list[str]:
    """The paths that were asked for by pages of other origins."""
    both = zip(deployed.s3.asked, deployed.s3.headers, strict=True)
    return [path for (asked, path), headers in both if asked == method and headers.get("origin") == deployed.url]


def _saved(page: Any, link: Any) -> bytes:
    with page.expect_download() as download:
        link.click()
    return gzip.decompress(download.value.path().read_bytes())


def _client(service: Literal["dynamodb", "stepfunctions"], variables: dict[str, str]) -> Any:
    session = boto3.session.Session("testing", "testing", region_name=REGION)
    return session.client(service, endpoint_url=variables["AWS_ENDPOINT_URL"])


def _state_machine(variables: dict[str, str]) -> str:
    """The ARN of one that waits: the tests do its steps themselves."""
    client, role = _client("stepfunctions", variables), "arn:aws:iam::123456789012:role/machine"
    made = client.create_state_machine(name=uuid4().hex, definition=json.dumps(WAITS), roleArn=role)
    return str(made["stateMachineArn"])
