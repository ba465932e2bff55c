"""The folders that a fine-tuning leaves: model, tokenizer and arguments, as export-qa takes them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerFast

from functions.core.errors import CheckpointError
from model_export.fine_tuning.arguments import FineTuningArguments
from model_export.question_answering.checkpoints import TRAINING_ARGUMENTS
from model_export.question_answering.hub import SAFE_WEIGHTS

HALF_WRITTEN = ".partial"
UNFINISHED = "unfinished"
"""In the output's folder, while it is trained: what is needed to go on."""


def save_model(folder: Path, model: Any, tokenizer: PreTrainedTokenizerFast, arguments: FineTuningArguments) -> None:
    """Into a folder that may hold other files too."""
    for stale in (path for pattern in SAFE_WEIGHTS for path in folder.glob(pattern)):
        stale.unlink()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(str(folder))
    (folder / TRAINING_ARGUMENTS).write_text(arguments.to_json(), encoding="utf-8")


def replace_model(folder: Path, model: Any, tokenizer: PreTrainedTokenizerFast, arguments: FineTuningArguments) -> None:
    """The whole folder, of which never a half is seen."""
    partial = folder.with_name(folder.name + HALF_WRITTEN)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    save_model(partial, model, tokenizer, arguments)
    if folder.exists():
        shutil.rmtree(folder)
    partial.rename(folder)


def clear(out: Path, best: Path) -> None:
    """What an earlier fine-tuning left of models and checkpoints; whatever else lies there stays."""
    for folder in (*out.glob("checkpoint-*"), best, out / UNFINISHED):
        if folder.is_dir() and _is_ours(folder):
            shutil.rmtree(folder)


def refuse_filled(folder: Path) -> None:
    if _is_filled(folder):
        raise CheckpointError(
            f"{folder} is not empty: choose another folder, set overwrite_output_dir, or go on with what is there by "
            "--resume"
        )


def refuse_foreign(folder: Path) -> None:
    """One that is written as a whole must not hold what no fine-tuning wrote."""
    if _is_filled(folder) and not _is_ours(folder):
        raise CheckpointError(f"{folder} holds no fine-tuned model, so it is not overwritten: choose another folder")


def _is_filled(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def _is_ours(folder: Path) -> bool:
    return folder.name == UNFINISHED or (folder / TRAINING_ARGUMENTS).is_file()
