"""Exact match and F1 as SQuAD 2.0 defines them, with Spanish articles as well as English ones."""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence

ARTICLE_WORDS = re.compile(r"\b(a|an|the|el|la|los|las|un|una|unos|unas)\b")
PUNCTUATION = frozenset(string.punctuation)


def normalised(text: str) -> str:
    """The text in lower case, without punctuation (of all Unicode) and articles, with single spaces."""
    bare = "".join(character for character in text.lower() if not _is_punctuation(character))
    return " ".join(ARTICLE_WORDS.sub(" ", bare).split())


def exact_match(predicted: str, truth: str) -> float:
    """1.0 if both texts are equal once normalised, else 0.0."""
    return float(normalised(predicted) == normalised(truth))


def f1(predicted: str, truth: str) -> float:
    """F1 of the words that both share, 0 to 1; if one has no words, 1 if the other has none either."""
    ours, theirs = normalised(predicted).split(), normalised(truth).split()
    if not ours or not theirs:
        return float(ours == theirs)
    shared = sum((Counter(ours) & Counter(theirs)).values())
    return 2 * shared / (len(ours) + len(theirs))


def score_answers(predicted: Sequence[str], truths: Sequence[Sequence[str]]) -> dict[str, float]:
    """`exact` and `f1` in percent over all questions, each with the truth that it fits best.

    An empty prediction means that there is no answer, and so does an empty sequence of truths. Files with both kinds
    of questions get the metrics of each kind too: `exact_answerable` and so on. Raises ValueError without a question.
    """
    if len(predicted) != len(truths) or not predicted:
        raise ValueError(f"{len(predicted)} predictions for {len(truths)} questions")
    pairs = list(zip(predicted, truths, strict=True))
    answerable = [pair for pair in pairs if pair[1]]
    metrics = _percent(pairs, "")
    if 0 < len(answerable) < len(pairs):
        metrics |= _percent(answerable, "_answerable")
        metrics |= _percent([pair for pair in pairs if not pair[1]], "_impossible")
    return metrics


def _percent(pairs: Sequence[tuple[str, Sequence[str]]], kind: str) -> dict[str, float]:
    return {
        f"{name}{kind}": 100 * sum(_best(metric, *pair) for pair in pairs) / len(pairs)
        for name, metric in (("exact", exact_match), ("f1", f1))
    }


def _best(metric: Callable[[str, str], float], predicted: str, truths: Sequence[str]) -> float:
    accepted = [truth for truth in truths if normalised(truth)] or [""]
    return max(metric(predicted, truth) for truth in accepted)


def _is_punctuation(character: str) -> bool:
    return character in PUNCTUATION or unicodedata.category(character).startswith("P")
