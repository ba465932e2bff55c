"""JSON files next to a checkpoint's weights."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from functions.core.documents import read_document
from functions.core.errors import CheckpointError, DocumentError

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
CONFIG = "config.json"
SENTENCE_PIECES = ("sentencepiece.bpe.model", "spiece.model", "spm.model")
TOKENIZER_FILES = ("tokenizer.json", "vocab.json", "vocab.txt", *SENTENCE_PIECES)
"""Of these, every tokenizer has one at least."""
TRAINING_ARGUMENTS = "model_args.json"
TRAINING_RESULTS = "eval_results.json"

T = TypeVar("T")


def read_json_object(path: Path) -> dict[str, Any]:
    """Raises CheckpointError for a file that is missing, cannot be read, or is not a JSON object."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CheckpointError(f"{path} is missing: a checkpoint is a folder that save_pretrained wrote") from None
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}") from error
    if not isinstance(document, dict):
        raise CheckpointError(f"{path} is not a JSON object")
    return document


def known_keys(document: Mapping[str, Any], kind: type[T], source: str) -> T:
    """The dataclass `kind` out of the keys that it has; all others are left to the programs that wrote them.

    Raises CheckpointError with every fault, each under `source`.
    """
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    try:
        return read_document({name: document[name] for name in names if name in document}, kind, source)
    except DocumentError as error:
        raise CheckpointError(f"{error}\ncorrect this, or leave it out") from error


def training_arguments(folder: Path) -> dict[str, Any]:
    """Arguments of the training; empty where the checkpoint has none."""
    return _if_there(folder / TRAINING_ARGUMENTS)


def training_results(folder: Path) -> dict[str, float]:
    """Metrics at the end of the training that are finite numbers; empty where the checkpoint has none."""
    return {name: value for name, value in _if_there(folder / TRAINING_RESULTS).items() if _is_number(value)}


def _if_there(path: Path) -> dict[str, Any]:
    return read_json_object(path) if path.is_file() else {}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
