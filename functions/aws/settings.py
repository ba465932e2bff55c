"""What a Lambda function is told by its environment, read once and checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from functions.core.environment import (
    ARTIFACTS,
    FRESHNESS_SECONDS,
    MODEL,
    MODELS,
    REGISTRY,
    TOKENS,
    UPLOADS,
    VERSIONS,
)
from functions.core.errors import DespliegueError

TASK_ROOT = Path(__file__).resolve().parents[2]


class SettingError(DespliegueError):
    """An environment variable is missing or wrong; the text names it."""


@dataclass(frozen=True, slots=True)
class PredictSettings:
    """For the predict function of one model. `registry` is s3://bucket/prefix or a folder.

    `models` holds the model folders; `freshness_seconds` is how long an answer may come from a version
    that was replaced meanwhile. `artifacts` holds files of versions by their digest, None where the image has none.
    """

    registry: str
    model: str
    models: Path
    freshness_seconds: float
    artifacts: Path | None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> PredictSettings:
        """Raises SettingError."""
        return cls(
            registry=_required(environment, REGISTRY, "s3://bucket or a folder"),
            model=_required(environment, MODEL, "the name of the model to serve"),
            models=_models(environment),
            freshness_seconds=_seconds(environment, FRESHNESS_SECONDS),
            artifacts=_artifacts(environment),
        )


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """For the functions that take in training files or work on them: control and trainer."""

    registry: str
    uploads: str
    models: Path

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> TrainingSettings:
        """Raises SettingError."""
        return cls(
            registry=_required(environment, REGISTRY, "s3://bucket or a folder"),
            uploads=_required(environment, UPLOADS, "s3://bucket or a folder"),
            models=_models(environment),
        )


@dataclass(frozen=True, slots=True)
class AuthorizerSettings:
    """For the token authorizer. `tokens` is the name or the ARN of the secret that holds them."""

    tokens: str
    models: Path

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> AuthorizerSettings:
        """Raises SettingError."""
        return cls(
            tokens=_required(environment, TOKENS, "the name or the ARN of the secret that holds the tokens"),
            models=_models(environment),
        )


@dataclass(frozen=True, slots=True)
class ImportSettings:
    """For the function that a deployment imports its versions with: `versions` holds a folder for each model."""

    registry: str
    versions: Path

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> ImportSettings:
        """Raises SettingError."""
        return cls(
            registry=_required(environment, REGISTRY, "s3://bucket or a folder"),
            versions=_folder(environment, VERSIONS, TASK_ROOT / "build" / "versions"),
        )


def _required(environment: Mapping[str, str], name: str, meaning: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise SettingError(f"set {name}: {meaning}")
    return value


def _models(environment: Mapping[str, str]) -> Path:
    """Beside the code unless set; an image has them there."""
    return _folder(environment, MODELS, TASK_ROOT / "models")


def _artifacts(environment: Mapping[str, str]) -> Path | None:
    """Where `despliegue build` put them, if it did, unless set."""
    built = TASK_ROOT / "build" / "artifacts"
    return _folder(environment, ARTIFACTS, built) if environment.get(ARTIFACTS) or built.is_dir() else None


def _folder(environment: Mapping[str, str], name: str, default: Path) -> Path:
    folder = Path(environment.get(name) or default)
    if not folder.is_dir():
        raise SettingError(f"{name}: no folder {folder}")
    return folder


def _seconds(environment: Mapping[str, str], name: str) -> float:
    text = environment.get(name) or "0"
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise SettingError(f"{name} {text!r} is no number of seconds, zero or more")
    return seconds
