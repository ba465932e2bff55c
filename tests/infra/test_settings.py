from __future__ import annotations

from typing import Any

import pytest

from infra.settings import SettingError, Settings, read_settings


def read(**context: Any) -> Settings:
    return read_settings(context.get)


def test_defaults_keep_what_is_stored() -> None:
    settings = read()
    assert (settings.stage, settings.removal, settings.platform) == ("prod", "retain", "linux/amd64")
    assert settings.base_image is None
    assert settings.training_memory_mb == 3008
    assert (settings.log_days, settings.throttle_rate, settings.throttle_burst) == (30, 100, 200)


def test_nobody_is_let_in_or_told_by_default() -> None:
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


@pytest.mark.parametrize("stage", ["", "Prod", "1st", "a_b", "end-", "a" * 21, "x\n"])
def test_stage_that_is_no_stack_name_is_refused(stage: str) -> None:
    with pytest.raises(SettingError, match="context stage"):
        read(stage=stage)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("platform", "linux/386", "none of linux/amd64, linux/arm64"),
        ("removal", "keep", "none of retain, destroy"),
        ("training_memory_mb", "64", "is 64: use 128 to 10240"),
        ("training_memory_mb", "10241", "is 10241: use 128 to 10240"),
        ("training_memory_mb", "3 GB", "'3 GB' is not a whole number"),
        ("training_storage_mb", "511", "is 511: use 512 to 10240"),
        ("upload_days", "0", "is 0: use 1 to 3650"),
        ("upload_days", "1.5", "'1.5' is not a whole number"),
        ("log_days", "31", "31 is none of 1, 3, 5, 7, 14, 30"),
        ("throttle_rate", "0", "is 0: use 1 to 100000"),
        ("throttle_burst", "x", "'x' is not a whole number"),
        ("image_cache", "s3", "'s3' is none of gha"),
        ("cors_origins", "example.com", "'example.com' is no origin"),
        ("cors_origins", "https://example.com/", "'https://example.com/' is no origin"),
        ("cors_origins", "https://a.example, https://b.example", "' https://b.example' is no origin"),
        ("alarm_email", "operator", "'operator' is no address"),
    ],
)
def test_wrong_value_is_refused_with_what_would_be_right(name: str, value: str, message: str) -> None:
    with pytest.raises(SettingError, match=f"context {name} .*{message}"):
        read(**{name: value})
