"""What an operator may choose at `cdk deploy -c name=value`, checked before anything is built."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from functions.core.errors import DespliegueError

STAGE = re.compile(r"[a-z](?:[a-z0-9-]{0,18}[a-z0-9])?")
PLATFORMS = ("linux/amd64", "linux/arm64")
REMOVALS = ("retain", "destroy")
# What Lambda accepts: memory and /tmp, both in MiB.
MEMORY_MB = range(128, 10_240 + 1)
STORAGE_MB = range(512, 10_240 + 1)
DAYS = range(1, 3_650 + 1)


class SettingError(DespliegueError):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One field for each context value, of the same name.

    `removal` decides what becomes of buckets and logs when the stack is deleted; `base_image` replaces the
    one named in Dockerfile.lambda; `upload_days` is how long a training file stays in the uploads bucket.
    """

    stage: str = "prod"
    platform: str = "linux/amd64"
    removal: str = "retain"
    base_image: str | None = None
    training_memory_mb: int = 3008
    training_storage_mb: int = 2048
    upload_days: int = 30

    def __post_init__(self) -> None:
        if not STAGE.fullmatch(self.stage):
            raise SettingError(
                f"context stage {self.stage!r} is not 1 to 20 lower-case letters, digits and hyphens, letter first"
            )
        _require_one_of("platform", self.platform, PLATFORMS)
        _require_one_of("removal", self.removal, REMOVALS)
        _require_within("training_memory_mb", self.training_memory_mb, MEMORY_MB)
        _require_within("training_storage_mb", self.training_storage_mb, STORAGE_MB)
        _require_within("upload_days", self.upload_days, DAYS)


def read_settings(context: Callable[[str], Any]) -> Settings:
    """Settings from `context`, which answers None for what is not set; raises SettingError.

    The command line gives every value as text, so whole numbers are read from text.
    """
    values: dict[str, Any] = {}
    for one in fields(Settings):
        value = context(one.name)
        if value is not None:
            values[one.name] = _whole_number(one.name, value) if isinstance(one.default, int) else str(value)
    return Settings(**values)


def _whole_number(name: str, value: Any) -> int:
    try:
        return int(str(value))
    except ValueError:
        raise SettingError(f"context {name} {value!r} is not a whole number") from None


def _require_one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise SettingError(f"context {name} {value!r} is none of {', '.join(known)}")


def _require_within(name: str, value: int, allowed: range) -> None:
    if value not in allowed:
        raise SettingError(f"context {name} is {value}: use {allowed[0]} to {allowed[-1]}")
