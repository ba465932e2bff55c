"""The answers found in the windows of one context, brought together as Hugging Face does."""

from __future__ import annotations

from typing import Any

import numpy as np

from functions.predictors.question_answering.spans import Floats, Integers


class FoundAnswers:
    """Equal texts but for case are one answer: the first that was found, with the scores of all added."""

    def __init__(self, context: str) -> None:
        self._context = context
        self._by_text: dict[str, dict[str, Any]] = {}
        self._null_score: float | None = None

    def add(self, characters: Integers, scores: Floats) -> None:
        """The spans of one window, as characters [spans, 2], the best first."""
        for (start, end), score in zip(characters.tolist(), scores.tolist(), strict=True):
            text = self._context[start:end]
            first = self._by_text.setdefault(text.lower(), {"score": 0.0, "start": start, "end": end, "answer": text})
            first["score"] += score

    def add_null(self, score: np.float32) -> None:
        """How likely it is that one window holds no answer; the least of all windows counts."""
        self._null_score = float(score) if self._null_score is None else min(self._null_score, float(score))

    def best(self, count: int) -> list[dict[str, Any]]:
        """At most `count` answers with score, start, end and answer, the best first."""
        answers = list(self._by_text.values())
        if self._null_score is not None:
            answers.append({"score": self._null_score, "start": 0, "end": 0, "answer": ""})
        return sorted(answers, key=lambda one: -one["score"])[:count]
