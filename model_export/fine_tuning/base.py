"""What the model to start from says of itself, where it is at hand, without loading it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from model_export.question_answering.documents import CONFIG, read_document
from model_export.question_answering.positions import longest_input


def longest_input_of(base: str, overrides: Mapping[str, Any]) -> int | None:
    """Tokens that the model in the folder `base`, or of the configuration `base`, takes with `overrides`.

    None where that is not told here, as for a model of the hub; raises CheckpointError for a configuration that
    cannot be read.
    """
    path = Path(base)
    path = path / CONFIG if path.is_dir() else path
    if path.suffix != ".json":
        return None
    config = {**read_document(path), **overrides}
    try:
        return longest_input(
            str(config["model_type"]), config["max_position_embeddings"], config.get("pad_token_id", 1)
        )
    except (KeyError, TypeError):
        return None
