"""What a Lambda function is told by its environment, read once and checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from functions.core.errors import DespliegueError

REGISTRY = "DESPLIEGUE_REGISTRY"
UPLOADS = "DESPLIEGUE_UPLOADS"
MODEL = "DESPLIEGUE_MODEL"
MODELS = "DESPLIEGUE_MODELS"
FRESHNESS_SECONDS = "DESPLIEGUE_FRESHNESS_SECONDS"
TASK_ROOT = Path(__file__).resolve().parents[2]


class SettingError(DespliegueError):
    """An environment variable is missing or wrong; the text names it."""


@dataclass(frozen=True, slots=True)
class PredictSettings:
    """For the predict function of one model. `registry` is s3://bucket/prefix or a folder.

    `models` holds the model folders; `freshness_seconds` is how long an answer may come from a version
    that was replaced meanwhile.
    """

    registry: str
    model: str
    models: Path
    freshness_seconds: float

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> PredictSettings:
        """Raises SettingError."""
        return cls(
            registry=_required(environment, REGISTRY, "s3://bucket or a folder"),
            model=_required(environment, MODEL, "the name of the model to serve"),
            models=_models(environment),
            freshness_seconds=_seconds(environment, FRESHNESS_SECONDS),
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


def _required(environment: Mapping[str, str], name: str, meaning: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise SettingError(f"set {name}: {meaning}")
    return value


def _models(environment: Mapping[str, str]) -> Path:
    """Beside the code unless set; an image has them there."""
    models = Path(environment.get(MODELS) or TASK_ROOT / "models")
    if not models.is_dir():
        raise SettingError(f"{MODELS}: no folder {models}")
    return models


def _seconds(environment: Mapping[str, str], name: str) -> float:
    text = environment.get(name) or "0"
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise SettingError(f"{name} {text!r} is no number of seconds, zero or more")
    return seconds
