"""Exact match and F1 as SQuAD 2.0 defines them, with the articles of Spanish beside those of English."""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence

ARTICLE_WORDS = re.compile(r"\b(a|an|the|el|la|los|las|un|una|unos|unas)\b")
PUNCTUATION = frozenset(string.punctuation)


def normalised(text: str) -> str:
    """Lower case, no punctuation (that of Unicode too), no articles, single spaces."""
    bare = "".join(one for one in text.lower() if not _is_punctuation(one))
    return " ".join(ARTICLE_WORDS.sub(" ", bare).split())


def exact_match(predicted: str, truth: str) -> float:
    """1.0 or 0.0."""
    return float(normalised(predicted) == normalised(truth))


def f1(predicted: str, truth: str) -> float:
    """Of the words that both share, 0 to 1; where one has no words, whether the other has none either."""
    ours, theirs = normalised(predicted).split(), normalised(truth).split()
    if not ours or not theirs:
        return float(ours == theirs)
    shared = sum((Counter(ours) & Counter(theirs)).values())
    return 2 * shared / (len(ours) + len(theirs))


def score_answers(predicted: Sequence[str], truths: Sequence[Sequence[str]]) -> dict[str, float]:
    """`exact` and `f1` in percent over all questions, each against the truth it fits best.

    An empty prediction says that there is no answer; so does an empty sequence of truths. For files with both kinds
    the same stand for each alone, as `exact_answerable` and so on. Raises ValueError for no question.
    """
    if len(predicted) != len(truths) or not predicted:
        raise ValueError(f"{len(predicted)} predictions for {len(truths)} questions")
    pairs = list(zip(predicted, truths, strict=True))
    answerable = [pair for pair in pairs if pair[1]]
    found = _percent(pairs, "")
    if 0 < len(answerable) < len(pairs):
        found |= _percent(answerable, "_answerable")
        found |= _percent([pair for pair in pairs if not pair[1]], "_impossible")
    return found


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
