from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from functions.core.base_path import BASE_PATH_RULE
from functions.core.errors import DocumentError
from infra.settings import Settings, read_settings

PROJECT = Path(__file__).resolve().parents[2]
PAGE = (PROJECT / "docs" / "aws.md").read_text(encoding="utf-8")
ARN = "arn:aws:acm:eu-west-1:123456789012:certificate/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
CERTIFICATE = "the ARN of a certificate (arn:aws:acm:REGION:ACCOUNT:certificate/ID)"
ZONE = "the id of a zone of Route 53, such as Z0123456789ABCDEFGHIJ"
WEBHOOK = "an https:// address of ASCII characters, without a password, such as https://example.com/hook,"
ORIGIN = "an origin such as https://www.example.com, without a path,"


def read(**context: Any) -> Settings:
    return read_settings(context.get)


def test_the_page_has_a_row_for_every_value() -> None:
    rows = PAGE.partition("### Context values")[2].partition("| `-c` |")[2].partition("\n\n")[0]
    named = [name for row in rows.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert sorted(named) == sorted(one.name for one in fields(Settings))


@pytest.mark.parametrize("path", sorted((PROJECT / "docs").rglob("*.md")), ids=lambda path: path.stem)
def test_every_value_that_a_document_gives_is_a_setting(path: Path) -> None:
    given = re.findall(r"\s`?-c\s(\w+)=(?!value\b)", path.read_text(encoding="utf-8"))
    assert set(given) <= {one.name for one in fields(Settings)}


def test_the_cdk_json_of_the_page_is_that_of_this_project_with_values_that_are_read() -> None:
    (written,) = (json.loads(one) for one in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL) if '"context"' in one)
    kept = json.loads((PROJECT / "cdk.json").read_text(encoding="utf-8"))
    assert written["app"] == kept["app"]
    settings = read(**written["context"])
    assert (settings.alarm_email, settings.budget_usd) == ("ana@example.com", 10)


def test_defaults_keep_what_is_stored() -> None:
    settings = read()
    assert (settings.stage, settings.removal, settings.platform) == ("prod", "retain", "linux/amd64")
    assert settings.base_image is None
    assert settings.training_memory_mb == 3008
    assert (settings.batch_days, settings.batch_concurrency) == (90, 10)
    assert (settings.log_days, settings.throttle_rate, settings.throttle_burst) == (30, 100, 200)


def test_by_default_no_site_may_call_and_nobody_is_mailed() -> None:
    settings = read()
    assert (settings.origins, settings.alarm_email, settings.image_cache) == ((), None, None)


@pytest.mark.parametrize(
    ("text", "origins"),
    [("*", ("*",)), ("https://a.example,http://localhost:3000", ("https://a.example", "http://localhost:3000"))],
)
def test_origins_are_read_from_one_text(text: str, origins: tuple[str, ...]) -> None:
    assert read(cors_origins=text).origins == origins


def test_numbers_are_read_from_text_and_from_numbers() -> None:
    assert read(training_memory_mb="4096").training_memory_mb == 4096
    assert read(training_memory_mb=4096).training_memory_mb == 4096


def test_by_default_there_is_no_domain_and_no_base_path() -> None:
    settings = read()
    assert (settings.base_path, settings.domain_name, settings.default_endpoint) == ("", None, "open")


@pytest.mark.parametrize("arn", [ARN, ARN.replace("arn:aws:", "arn:aws-us-gov:")])
@pytest.mark.parametrize("name", ["ml.example.com", "example.io", "a-b.example.co.uk", "xn--ml-xka.xn--p1ai"])
def test_a_domain_has_a_certificate(name: str, arn: str) -> None:
    settings = read(domain_name=name, certificate_arn=arn, default_endpoint="closed", base_path="/ml")
    assert (settings.domain_name, settings.certificate_arn, settings.base_path) == (name, arn, "/ml")
    expected = r"context: certificate_arn: a certificate for domain_name, in the region of the stack, is expected"
    with pytest.raises(DocumentError, match=expected):
        read(domain_name=name)


def test_ends_are_posted_to_an_address_with_a_port_and_a_query() -> None:
    url = "https://example.com:8443/a%C3%B1o?team=ml"
    assert (read().webhook_url, read(webhook_url=url).webhook_url) == (None, url)


def test_callers_come_to_a_new_version_little_by_little_unless_the_context_says_otherwise() -> None:
    assert (read().promote, read(promote="gate").promote) == ("first", "gate")
    assert (read().deployment, read(deployment="all-at-once").deployment) == ("canary", "all-at-once")


@pytest.mark.parametrize("stage", ["", "Prod", "1st", "a_b", "end-", "a" * 21, "x\n", 5, True])
def test_a_stage_that_is_no_stack_name_is_refused(stage: object) -> None:
    with pytest.raises(DocumentError, match="context: stage: a name of at most 20 lower-case letters"):
        read(stage=stage)


@pytest.mark.parametrize(
    ("name", "value", "refusal"),
    [
        ("platform", "linux/386", 'one of linux/amd64, linux/arm64 is expected, "linux/386" was found'),
        ("promote", "always", 'one of first, gate is expected, "always" was found'),
        ("deployment", "linear", 'one of canary, all-at-once is expected, "linear" was found'),
        ("removal", "keep", 'one of retain, destroy is expected, "keep" was found'),
        ("training_memory_mb", "64", "a whole number from 128 to 10240 is expected, 64 was found"),
        ("training_memory_mb", "10241", "a whole number from 128 to 10240 is expected, 10241 was found"),
        pytest.param(
            "training_memory_mb",
            "9" * 5000,
            f'a whole number from 128 to 10240 is expected, "{"9" * 59}... was found',
            id="more digits than Python reads",
        ),
        ("training_memory_mb", "3 GB", 'a whole number from 128 to 10240 is expected, "3 GB" was found'),
        ("training_memory_mb", 4096.0, "a whole number from 128 to 10240 is expected, 4096.0 was found"),
        ("training_storage_mb", "511", "a whole number from 512 to 10240 is expected, 511 was found"),
        ("upload_days", "0", "a whole number from 1 to 3650 is expected, 0 was found"),
        ("upload_days", "1.5", 'a whole number from 1 to 3650 is expected, "1.5" was found'),
        ("upload_days", True, "a whole number from 1 to 3650 is expected, true was found"),
        ("upload_days", " 7", 'a whole number from 1 to 3650 is expected, " 7" was found'),
        ("batch_days", "0", "a whole number from 1 to 3650 is expected, 0 was found"),
        ("batch_concurrency", "0", "a whole number from 1 to 1000 is expected, 0 was found"),
        ("batch_concurrency", "1001", "a whole number from 1 to 1000 is expected, 1001 was found"),
        ("throttle_rate", "-1", "a whole number from 1 to 100000 is expected, -1 was found"),
        ("throttle_burst", "x", 'a whole number from 1 to 100000 is expected, "x" was found'),
        ("image_cache", "s3", 'gha is expected, "s3" was found'),
        ("base_image", ["python"], 'text is expected, ["python"] was found'),
        ("base_path", "ml", f'{BASE_PATH_RULE}, is expected, "ml" was found'),
        ("base_path", "/models", f'{BASE_PATH_RULE}, is expected, "/models" was found'),
        ("default_endpoint", "shut", 'one of open, closed is expected, "shut" was found'),
        ("default_endpoint", "closed", 'open is expected, "closed" was found; without domain_name nobody could call'),
        ("certificate_arn", ARN, f'nothing is expected, "{ARN[:59]}... was found; without domain_name it has no use'),
        ("hosted_zone_id", "Z012", 'nothing is expected, "Z012" was found; without domain_name it has no use'),
        *(
            ("domain_name", name, f'a name such as ml.example.com, in lower case is expected, "{name}" was found')
            for name in ("example", "ML.example.com", "https://a.example", "a.example.", "-a.example", "*.example.com")
        ),
        *(
            ("certificate_arn", arn, f'{CERTIFICATE} is expected, "{arn}" was found')
            for arn in ("0f1e", "arn:aws:iam::123456789012:role/r", "arn:aws:acm:eu-west-1:1:certificate/0f1e")
        ),
        ("hosted_zone_id", "example.com", f'{ZONE} is expected, "example.com" was found'),
        *(
            ("webhook_url", url, f'{WEBHOOK} is expected, "{url}" was found')
            for url in (
                "http://example.com/hook",
                "https://example.com/año",
                "https://ejemplo-ñ.es/h",
                "https://example.com:99999/h",
                "https://example.com:abc/h",
                "https://example.com:0/x",
                "https://ana:hidden@example.com/hook",
                "",
            )
        ),
        ("tracing", "true", 'one of on, off is expected, "true" was found'),
        ("budget_usd", "-1", "a whole number from 0 to 1000000 is expected, -1 was found"),
        (
            "tokens_secret",
            "despliegue-prod/tokens",
            "the whole ARN of a secret, as `aws secretsmanager describe-secret` shows it, is expected, "
            '"despliegue-prod/tokens" was found',
        ),
        ("alarm_email", "operator", 'an address such as name@example.com is expected, "operator" was found'),
        *(
            (
                "cors_origins",
                origins,
                f'{ORIGIN} is expected, "{wrong}" was found',
            )
            for origins, wrong in (
                ("example.com", "example.com"),
                ("https://example.com/", "https://example.com/"),
                ("https://a.example, https://b.example", " https://b.example"),
            )
        ),
    ],
)
def test_a_wrong_value_is_refused_with_what_would_be_right(name: str, value: object, refusal: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read(**{name: value})
    assert str(caught.value) == f"context: {name}: {refusal}"


def test_a_budget_without_somebody_to_mail_is_refused() -> None:
    with pytest.raises(
        DocumentError, match="alarm_email: an address, which the budget of budget_usd mails, is expected"
    ):
        read(budget_usd="20")
    assert read(budget_usd="20", alarm_email="operator@example.com").budget_usd == 20


def test_days_that_logs_cannot_be_kept_are_refused_with_those_that_they_can() -> None:
    with pytest.raises(DocumentError, match=r"log_days: one of 1, 3, 5, .*, 3653 is expected, 31 was found"):
        read(log_days="31")


def test_every_wrong_value_is_reported_at_once() -> None:
    with pytest.raises(DocumentError) as caught:
        read(stage="Prod", upload_days="soon", removal="keep", throttle_rate=5)
    assert [fault.path for fault in caught.value.faults] == ["stage", "removal", "upload_days"]
