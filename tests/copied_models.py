"""Folders of models of this repository, copied to where a test may change them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

MODELS = Path(__file__).resolve().parents[1] / "models"


def copied(models: Iterable[str], folder: Path) -> Path:
    """`folder`, with these models below its `models`."""
    for model in models:
        shutil.copytree(MODELS / model, folder / "models" / model)
    return folder
