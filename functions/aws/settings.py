"""The settings of each Lambda function, read from its environment once and checked."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

from functions.core import environment as names
from functions.core.base_path import BASE_PATH_RULE, is_base_path
from functions.core.definition import Retention
from functions.core.documents import read_document
from functions.core.errors import DespliegueError, DocumentError
from functions.core.machine_memory import MIB, trainer_memory_bytes

# the folder that holds functions/, in an image and in a checkout
TASK_ROOT = Path(__file__).resolve().parents[2]
Environment = Mapping[str, str]


class SettingError(DespliegueError):
    """An environment variable is missing or wrong; the text names it."""


def _text(variable: str, meaning: str) -> Callable[[Environment], str]:
    """Reads a text that has no default."""

    def read(environment: Environment) -> str:
        value = environment.get(variable, "").strip()
        if not value:
            raise SettingError(f"set {variable}: {meaning}")
        return value

    return read


def _text_or_none(variable: str) -> Callable[[Environment], str | None]:
    """Reads a text, None unless set."""
    return lambda environment: environment.get(variable, "").strip() or None


def _folder(variable: str, default: Path) -> Callable[[Environment], Path]:
    """Reads the path of a folder; an image has it at the default."""

    def read(environment: Environment) -> Path:
        folder = Path(environment.get(variable) or default)
        if not folder.is_dir():
            raise SettingError(f"{variable}: no folder {folder}")
        return folder

    return read


def _folder_if_built(variable: str, default: Path) -> Callable[[Environment], Path | None]:
    """Reads the path of a folder that `despliegue build` may have made; None where it did not."""
    required = _folder(variable, default)
    return lambda environment: required(environment) if environment.get(variable) or default.is_dir() else None


def _seconds(variable: str) -> Callable[[Environment], float]:
    """Reads a duration, zero unless set."""

    def read(environment: Environment) -> float:
        text = environment.get(variable) or "0"
        try:
            seconds = float(text)
        except ValueError:
            seconds = math.nan
        if not 0 <= seconds < math.inf:
            raise SettingError(f"{variable} {text!r} is no number of seconds, zero or more")
        return seconds

    return read


def _trainer_memory(variable: str) -> Callable[[Environment], int]:
    """Reads the memory of the trainer, in bytes; where it is not set, training is taken to have this function's."""

    def read(environment: Environment) -> int:
        text = environment.get(variable, "")
        if not text:
            return trainer_memory_bytes(environment)
        if not (text.isascii() and text.isdecimal()):
            raise SettingError(f"{variable} {text!r} is no whole number of MiB")
        return int(text) * MIB

    return read


def _retention(variable: str) -> Callable[[Environment], Retention | None]:
    """Reads the retention of models without one of their own, as JSON; None unless set."""

    def read(environment: Environment) -> Retention | None:
        text = environment.get(variable)
        try:
            return read_document(json.loads(text), Retention, variable) if text else None
        except (ValueError, DocumentError) as error:
            raise SettingError(f"{variable}: {error}") from None

    return read


def _base_path(variable: str) -> Callable[[Environment], str]:
    """Reads the path below which the API is reached, none unless set."""

    def read(environment: Environment) -> str:
        text = environment.get(variable, "")
        if not is_base_path(text):
            raise SettingError(f"{variable} {text!r} is not {BASE_PATH_RULE}")
        return text

    return read


def _whole_number(variable: str, unit: str) -> Callable[[Environment], int]:
    """Reads a number of days or the like, one or more."""

    def read(environment: Environment) -> int:
        text = environment.get(variable, "")
        if not (text.isascii() and text.isdecimal() and int(text)):
            raise SettingError(f"{variable} {text!r} is no whole number of {unit}, one or more")
        return int(text)

    return read


SETTING_READERS: Mapping[str, Callable[[Environment], Any]] = {
    "registry": _text(names.REGISTRY_VARIABLE, "s3://bucket or a folder"),
    "uploads": _text(names.UPLOADS_VARIABLE, "s3://bucket or a folder"),
    "model": _text(names.MODEL_VARIABLE, "the name of the model to serve"),
    "tokens": _text(names.TOKENS_VARIABLE, "the name or the ARN of the secret that holds the tokens"),
    "predictions": _text(names.PREDICTIONS_VARIABLE, "the name of the table in which predictions are looked up"),
    "batch_machine": _text(names.BATCH_MACHINE_VARIABLE, "the ARN of the state machine that runs batches"),
    "batch_days": _whole_number(names.BATCH_DAYS_VARIABLE, "days"),
    "batch_memory_mb": _whole_number(names.BATCH_MEMORY_VARIABLE, "MiB"),
    "deployment": _text_or_none(names.DEPLOYMENT_VARIABLE),
    "webhook_url": _text(names.WEBHOOK_URL_VARIABLE, "the address to post to"),
    "webhook_secret": _text(names.WEBHOOK_SECRET_VARIABLE, "the name or the ARN of the secret that signs"),
    "freshness_seconds": _seconds(names.FRESHNESS_SECONDS_VARIABLE),
    "retention": _retention(names.RETENTION_VARIABLE),
    "base_path": _base_path(names.BASE_PATH_VARIABLE),
    "trainer_memory_bytes": _trainer_memory(names.TRAINER_MEMORY_VARIABLE),
    "models": _folder(names.MODELS_VARIABLE, TASK_ROOT / "models"),
    "versions": _folder(names.VERSIONS_VARIABLE, TASK_ROOT / "build" / "versions"),
    "artifacts": _folder_if_built(names.ARTIFACTS_VARIABLE, TASK_ROOT / "build" / "artifacts"),
}
"""The reader of the variable for each field of the classes below."""


class _Settings:
    """Base of the settings: each field is read by its entry in SETTING_READERS."""

    @classmethod
    def read(cls, environment: Environment) -> Self:
        """Raises SettingError for the first variable that is missing or wrong."""
        kind: Any = cls
        settings: Self = kind(**{field.name: SETTING_READERS[field.name](environment) for field in fields(kind)})
        return settings


@dataclass(frozen=True, slots=True)
class PredictSettings(_Settings):
    """Settings of the predict function of one model. `registry` is s3://bucket/prefix or a folder.

    `models` holds the model folders; `freshness_seconds` is how long an answer may come from a version
    that was replaced meanwhile. `artifacts` holds files of versions by their digest, None where the image has none.
    Routes are reached below `base_path`, empty for the root.
    """

    registry: str
    model: str
    models: Path
    freshness_seconds: float
    artifacts: Path | None
    base_path: str


@dataclass(frozen=True, slots=True)
class TrainingSettings(_Settings):
    """Settings of the functions that take in files or work on them."""

    registry: str
    uploads: str
    models: Path


@dataclass(frozen=True, slots=True)
class ControlSettings(TrainingSettings):
    """Settings of the control function. Its routes are reached below `base_path`, empty for the root.

    `trainer_memory_bytes` is the memory of the trainer, which decides how large a file a form takes. Predictions are
    looked up in the table `predictions`, and a batch costs what a function with `batch_memory_mb` does.
    """

    base_path: str
    trainer_memory_bytes: int
    predictions: str
    batch_days: int
    batch_memory_mb: int


@dataclass(frozen=True, slots=True)
class BatchSettings(TrainingSettings):
    """Settings of the function of batches. `predictions` is a table that keeps predictions for `batch_days`.

    `batch_machine` is the ARN of the state machine that runs a batch; `artifacts` are those of PredictSettings.
    `deployment` is the one of TrainerSettings.
    """

    predictions: str
    batch_machine: str
    batch_days: int
    artifacts: Path | None
    deployment: str | None


@dataclass(frozen=True, slots=True)
class PruningSettings(TrainingSettings):
    """Settings of the pruner; `retention` is of the models that have none of their own."""

    retention: Retention | None


@dataclass(frozen=True, slots=True)
class TrainerSettings(TrainingSettings):
    """Settings of functions for training; `deployment` is its name in events, None where nothing is announced."""

    deployment: str | None


@dataclass(frozen=True, slots=True)
class WebhookSettings(_Settings):
    """Settings of the sender of webhooks: the address, and the name or the ARN of the secret that signs."""

    webhook_url: str
    webhook_secret: str


@dataclass(frozen=True, slots=True)
class AuthorizerSettings(_Settings):
    """Settings of the token authorizer. `tokens` is the name or the ARN of the secret that holds them."""

    tokens: str
    models: Path


@dataclass(frozen=True, slots=True)
class ImportSettings(_Settings):
    """Settings of the function that imports the versions of an image; `versions` holds a folder for each model."""

    registry: str
    models: Path
    versions: Path
