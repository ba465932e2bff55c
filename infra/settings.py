"""What an operator may choose at `cdk deploy -c name=value`, checked before anything is built."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from functions.core.errors import DespliegueError

STAGE = re.compile(r"[a-z](?:[a-z0-9-]{0,18}[a-z0-9])?")
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?|\*")
EMAIL = re.compile(r"[^@\s,]+@[^@\s,]+")
PLATFORMS = ("linux/amd64", "linux/arm64")
REMOVALS = ("retain", "destroy")
IMAGE_CACHES = ("gha",)
# What Lambda accepts: memory and /tmp, both in MiB.
MEMORY_MB = range(128, 10_240 + 1)
STORAGE_MB = range(512, 10_240 + 1)
DAYS = range(1, 3_650 + 1)
THROTTLE = range(1, 100_000 + 1)
# What CloudWatch Logs accepts.
LOG_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)


class SettingError(DespliegueError):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One field for each context value, of the same name.

    `removal` decides what becomes of buckets and logs when the stack is deleted; `base_image` replaces the
    one named in Dockerfile.lambda; `image_cache` is where layers are kept between builds; `upload_days` is how long a
    training file stays in the uploads bucket. `throttle_rate` is requests a second over all callers, `throttle_burst`
    how many may come at once. `cors_origins` are the sites, with commas between them, whose pages may call.
    """

    stage: str = "prod"
    platform: str = "linux/amd64"
    removal: str = "retain"
    base_image: str | None = None
    image_cache: str | None = None
    training_memory_mb: int = 3008
    training_storage_mb: int = 2048
    upload_days: int = 30
    log_days: int = 30
    throttle_rate: int = 100
    throttle_burst: int = 200
    cors_origins: str | None = None
    alarm_email: str | None = None

    def __post_init__(self) -> None:
        if not STAGE.fullmatch(self.stage):
            raise SettingError(
                f"context stage {self.stage!r} is not 1 to 20 lower-case letters, digits and hyphens, letter first"
            )
        _require_one_of("platform", self.platform, PLATFORMS)
        _require_one_of("removal", self.removal, REMOVALS)
        _require_one_of("image_cache", self.image_cache, (None, *IMAGE_CACHES))
        _require_one_of("log_days", self.log_days, LOG_DAYS)
        _require_within("training_memory_mb", self.training_memory_mb, MEMORY_MB)
        _require_within("training_storage_mb", self.training_storage_mb, STORAGE_MB)
        _require_within("upload_days", self.upload_days, DAYS)
        _require_within("throttle_rate", self.throttle_rate, THROTTLE)
        _require_within("throttle_burst", self.throttle_burst, THROTTLE)
        for origin in self.origins:
            if not ORIGIN.fullmatch(origin):
                raise SettingError(
                    f"context cors_origins {origin!r} is no origin such as https://www.example.com, without a path"
                )
        if self.alarm_email is not None and not EMAIL.fullmatch(self.alarm_email):
            raise SettingError(f"context alarm_email {self.alarm_email!r} is no address such as name@example.com")

    @property
    def origins(self) -> tuple[str, ...]:
        """Of `cors_origins`; empty where no browser may call from another site."""
        return tuple(self.cors_origins.split(",")) if self.cors_origins else ()


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


def _require_one_of(name: str, value: object, known: tuple[object, ...]) -> None:
    if value not in known:
        names = ", ".join(str(one) for one in known if one is not None)
        raise SettingError(f"context {name} {value!r} is none of {names}")


def _require_within(name: str, value: int, allowed: range) -> None:
    if value not in allowed:
        raise SettingError(f"context {name} is {value}: use {allowed[0]} to {allowed[-1]}")
