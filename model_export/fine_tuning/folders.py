"""The folders that a fine-tuning writes to: what it may delete there, and which it leaves alone."""

from __future__ import annotations

import shutil
from pathlib import Path

from functions.core.errors import CheckpointError
from model_export.question_answering.documents import TRAINING_ARGUMENTS

UNFINISHED = "unfinished"
"""In the output's folder, while it is trained: what is needed to go on."""


def is_filled(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def filled(folder: Path) -> str:
    """What to do about one that is."""
    return (
        f"{folder} is not empty: choose another folder, set overwrite_output_dir, or go on with what is there by "
        "--resume"
    )


def clear(out: Path, best: Path) -> None:
    """What an earlier fine-tuning left of models and checkpoints; whatever else lies there stays."""
    for folder in (*out.glob("checkpoint-*"), best, out / UNFINISHED):
        if folder.is_dir() and _is_ours(folder):
            shutil.rmtree(folder)


def refuse_filled(folder: Path) -> None:
    if is_filled(folder):
        raise CheckpointError(filled(folder))


def refuse_foreign(folder: Path) -> None:
    """One that is written as a whole must not hold what no fine-tuning wrote."""
    if is_filled(folder) and not _is_ours(folder):
        raise CheckpointError(f"{folder} holds no fine-tuned model, so it is not overwritten: choose another folder")


def _is_ours(folder: Path) -> bool:
    return folder.name == UNFINISHED or (folder / TRAINING_ARGUMENTS).is_file()
