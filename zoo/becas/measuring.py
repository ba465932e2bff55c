"""The quality of a model's answers on invented pages that it was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer

from model_export.question_answering.squad_metrics import score_answers
from zoo.becas.asked import Asked, invented
from zoo.becas.features import NO_FACT, Feature, collate, feature
from zoo.becas.learning import Learner

SEED = 99
LONGEST_ANSWER = 120


@dataclass(frozen=True, slots=True)
class Measured:
    asked: Asked
    feature: Feature


def evaluation_set(tokenizer: Tokenizer, split: str) -> list[Measured]:
    """Questions about whole pages of a split of the corpus."""
    return [Measured(one, feature(tokenizer, one.question, one.page, {}, NO_FACT)) for one in invented(split, SEED)]


def measure(learner: Learner, questions: Sequence[Measured]) -> dict[str, float]:
    """Exact match and F1, in percent."""
    learner.eval()
    predicted = []
    for one in questions:
        with torch.autocast("cpu", torch.bfloat16):
            ((start, end),) = learner.answers(*collate([one.feature]), longest=LONGEST_ANSWER)
        predicted.append(_part(one, start, end))
    learner.train()
    return score_answers(predicted, [list(one.asked.answers) for one in questions])


def _part(one: Measured, start: int, end: int) -> str:
    if start < one.feature.context:
        return ""
    first, last = (one.feature.offsets[token - one.feature.context] for token in (start, end))
    return one.asked.page[first[0] : last[1]]
