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
    ],
)
def test_wrong_value_is_refused_with_what_would_be_right(name: str, value: str, message: str) -> None:
    with pytest.raises(SettingError, match=f"context {name} .*{message}"):
        read(**{name: value})
