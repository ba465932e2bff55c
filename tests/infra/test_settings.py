from __future__ import annotations

from typing import Any

import pytest

from functions.core.errors import DocumentError
from infra.settings import Settings, read_settings

ORIGIN = "an origin such as https://www.example.com, without a path,"


def read(**context: Any) -> Settings:
    return read_settings(context.get)


def test_defaults_keep_what_is_stored() -> None:
    settings = read()
    assert (settings.stage, settings.removal, settings.platform) == ("prod", "retain", "linux/amd64")
    assert settings.base_image is None
    assert settings.training_memory_mb == 3008
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


def test_callers_come_to_a_new_version_little_by_little_unless_the_context_says_otherwise() -> None:
    assert (read().deployment, read(deployment="all-at-once").deployment) == ("canary", "all-at-once")


@pytest.mark.parametrize("stage", ["", "Prod", "1st", "a_b", "end-", "a" * 21, "x\n", 5, True])
def test_a_stage_that_is_no_stack_name_is_refused(stage: object) -> None:
    with pytest.raises(DocumentError, match="context: stage: a name of at most 20 lower-case letters"):
        read(stage=stage)


@pytest.mark.parametrize(
    ("name", "value", "refusal"),
    [
        ("platform", "linux/386", 'one of linux/amd64, linux/arm64 is expected, "linux/386" was found'),
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
        ("throttle_rate", "-1", "a whole number from 1 to 100000 is expected, -1 was found"),
        ("throttle_burst", "x", 'a whole number from 1 to 100000 is expected, "x" was found'),
        ("image_cache", "s3", 'gha is expected, "s3" was found'),
        ("base_image", ["python"], 'text is expected, ["python"] was found'),
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


def test_days_that_logs_cannot_be_kept_are_refused_with_those_that_they_can() -> None:
    with pytest.raises(DocumentError, match=r"log_days: one of 1, 3, 5, .*, 3653 is expected, 31 was found"):
        read(log_days="31")


def test_every_wrong_value_is_reported_at_once() -> None:
    with pytest.raises(DocumentError) as caught:
        read(stage="Prod", upload_days="soon", removal="keep", throttle_rate=5)
    assert [fault.path for fault in caught.value.faults] == ["stage", "removal", "upload_days"]
