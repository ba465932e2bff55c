"""How well a model answers invented pages that it was not trained on."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer

from model_export.question_answering.squad_metrics import score
from tools.becas.batches import features
from tools.becas.corpus import pages
from tools.becas.features import Feature, collate
from tools.becas.learning import Learner

SEED = 99
PAGES = 50
QUESTIONS_A_PAGE = 6
LONGEST_ANSWER = 120


@dataclass(frozen=True, slots=True)
class Measured:
    """A question about a text, and the characters of its answer, if it has one."""

    text: str
    span: tuple[int, int] | None
    feature: Feature


def evaluation_set(tokenizer: Tokenizer, split: str) -> list[Measured]:
    """Questions about whole pages of a split of the corpus."""
    return [
        Measured(one.page.text, question.span, found)
        for one in itertools.islice(pages(SEED, split, questions=QUESTIONS_A_PAGE), PAGES)
        for question, found in zip(one.questions, features(tokenizer, one), strict=True)
    ]


def measure(learner: Learner, questions: Sequence[Measured]) -> dict[str, float]:
    """Exact match and F1, in percent."""
    learner.eval()
    predicted = []
    for one in questions:
        with torch.autocast("cpu", torch.bfloat16):
            ((start, end),) = learner.answers(*collate([one.feature]), longest=LONGEST_ANSWER)
        predicted.append(_part(one, start, end))
    learner.train()
    return score(predicted, [[one.text[slice(*one.span)]] if one.span else [] for one in questions])


def _part(one: Measured, start: int, end: int) -> str:
    if start < one.feature.context:
        return ""
    first, last = (one.feature.offsets[token - one.feature.context] for token in (start, end))
    return one.text[first[0] : last[1]]
