"""Answers from the scores of windows, joined as Hugging Face does: one way, to serve and to measure."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from functions.predictors.predictions import Floats, Integers
from functions.predictors.question_answering.pairs import Window
from functions.predictors.question_answering.parameters import Answering
from functions.predictors.question_answering.spans import best_spans, probabilities
from functions.predictors.question_answering.windows import TokenizedText

LEAST_THRESHOLD = -700.0
"""Of thresholds below it the exponential is more than a number can hold."""


class FoundAnswers:
    """The answers of one context. Texts that differ only in case are one answer: the first found, all scores added."""

    def __init__(self, context: str) -> None:
        self._context = context
        self._by_text: dict[str, dict[str, Any]] = {}
        self._null_score: float | None = None
        self._null_weight = 1.0

    def add_window(
        self, start_logits: Floats, end_logits: Floats, window: Window, context: TokenizedText, asked: Answering
    ) -> None:
        """Add the answers of one window; the logits [S] score each of its tokens as start and as end."""
        start_null, start = probabilities(start_logits, window.place)
        end_null, end = probabilities(end_logits, window.place)
        spans = best_spans(start, end, asked.candidates, asked.max_answer_len)
        characters = context.characters(window.part, spans.starts, spans.ends, whole_words=asked.align_to_words)
        self.add(characters, spans.scores)
        if asked.handle_impossible_answer:
            self.add_null(np.float32(start_null * end_null), asked.null_score_diff_threshold)

    def add(self, characters: Integers, scores: Floats) -> None:
        """Add the spans of one window, as characters [spans, 2], the best first."""
        for (start, end), score in zip(characters.tolist(), scores.tolist(), strict=True):
            text = self._context[start:end]
            first = self._by_text.setdefault(text.lower(), {"score": 0.0, "start": start, "end": end, "answer": text})
            first["score"] += score

    def add_null(self, score: np.float32, threshold: float = 0.0) -> None:
        """Add the score of no answer in one window; the least score of all windows counts.

        It comes before another answer if the logarithm of their scores' quotient, in one window the difference of
        their logits, is more than the threshold.
        """
        self._null_weight = math.exp(-max(threshold, LEAST_THRESHOLD))
        self._null_score = float(score) if self._null_score is None else min(self._null_score, float(score))

    def best(self, count: int) -> list[dict[str, Any]]:
        """At most `count` answers with score, start, end and answer, the best first."""
        answers = sorted(self._by_text.values(), key=lambda answer: -answer["score"])
        if self._null_score is not None:
            weighted = self._null_score * self._null_weight
            better = sum(answer["score"] >= weighted for answer in answers)
            answers.insert(better, {"score": self._null_score, "start": 0, "end": 0, "answer": ""})
        return answers[:count]
