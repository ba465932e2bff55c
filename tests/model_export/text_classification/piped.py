"""Scores of the text-classification pipeline of transformers, with which the served ones are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def pipeline_scores(model: Any, tokenizer: Any, texts: Sequence[str]) -> list[Mapping[str, float]]:
    """The score of each label, text by text; a text that is too long is cut."""
    from transformers import pipeline

    # so that the names of special tokens in a text are text, as they are where it is served
    tokenizer.split_special_tokens = True
    asking = pipeline("text-classification", model=model, tokenizer=tokenizer, device="cpu")
    found: Any = asking(list(texts), top_k=None, truncation=True)
    return [{one["label"]: one["score"] for one in labels} for labels in found]
