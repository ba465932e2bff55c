"""The JSON files that lie beside a checkpoint's weights."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from functions.core.errors import CheckpointError

CONFIG = "config.json"
TRAINING_ARGUMENTS = "model_args.json"
TRAINING_RESULTS = "eval_results.json"


def read_document(path: Path) -> dict[str, Any]:
    """Raises CheckpointError for what is no file, or no JSON object."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CheckpointError(f"{path} is missing: a checkpoint is a folder that save_pretrained wrote") from None
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise CheckpointError(f"{path} holds no object")
    return found


def training_arguments(folder: Path) -> dict[str, Any]:
    """Empty where the checkpoint tells none."""
    return _if_there(folder / TRAINING_ARGUMENTS)


def training_results(folder: Path) -> dict[str, float]:
    """What the training measured by its end, as far as it is finite numbers; empty where it tells nothing."""
    return {name: value for name, value in _if_there(folder / TRAINING_RESULTS).items() if _is_number(value)}


def _if_there(path: Path) -> dict[str, Any]:
    return read_document(path) if path.is_file() else {}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
