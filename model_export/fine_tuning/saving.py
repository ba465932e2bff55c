"""The folders that a fine-tuning leaves: model, tokenizer and arguments, as export-qa takes them."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerFast

from model_export.fine_tuning.order import FineTuning
from model_export.question_answering.documents import TRAINING_ARGUMENTS, TRAINING_RESULTS
from model_export.question_answering.hub import SAFE_WEIGHTS

HALF_WRITTEN = ".partial"


def save_model(folder: Path, model: Any, tokenizer: PreTrainedTokenizerFast, order: FineTuning) -> None:
    """Into a folder that may hold other files too."""
    for stale in (path for pattern in (*SAFE_WEIGHTS, TRAINING_RESULTS) for path in folder.glob(pattern)):
        stale.unlink()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(str(folder))
    document = json.dumps(_told(order), ensure_ascii=False, indent=2)
    (folder / TRAINING_ARGUMENTS).write_text(f"{document}\n", encoding="utf-8")


def replace_model(folder: Path, model: Any, tokenizer: PreTrainedTokenizerFast, order: FineTuning) -> None:
    """The whole folder, of which never a half is seen."""
    partial = folder.with_name(folder.name + HALF_WRITTEN)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    save_model(partial, model, tokenizer, order)
    if folder.exists():
        shutil.rmtree(folder)
    partial.rename(folder)


def _told(order: FineTuning) -> dict[str, Any]:
    """The arguments, and what else is to be known where the model serves: a folder that it comes from has its name
    alone, which is no id of the hub."""
    base = Path(order.base)
    name = base.resolve().name if base.exists() else order.base
    return {"model_name": name, **asdict(order.arguments), "handle_impossible_answer": order.has_impossible}
