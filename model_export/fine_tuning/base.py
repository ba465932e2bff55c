"""What the model to start from says of itself, where it is at hand, without loading it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from functions.core.errors import CheckpointError
from model_export.question_answering.positions import longest_input

CONFIG = "config.json"


def longest_input_of(base: str, overrides: Mapping[str, Any]) -> int | None:
    """Tokens that the model in the folder `base`, or of the configuration `base`, takes with `overrides`.

    None where that is not told here, as for a model of the hub; raises CheckpointError for a configuration that
    cannot be read.
    """
    path = Path(base)
    path = path / CONFIG if path.is_dir() else path
    if path.suffix != ".json":
        return None
    config = {**_document(path), **overrides}
    try:
        return longest_input(
            str(config["model_type"]), config["max_position_embeddings"], config.get("pad_token_id", 1)
        )
    except (KeyError, TypeError):
        return None


def _document(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise CheckpointError(f"{path} holds no object")
    return found
