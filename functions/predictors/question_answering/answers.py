"""Answers from the scores of windows, joined as Hugging Face does: one way, to serve and to measure."""

from __future__ import annotations

from typing import Any

import numpy as np

from functions.predictors.predictions import Floats, Integers
from functions.predictors.question_answering.pairs import Window
from functions.predictors.question_answering.parameters import Answering
from functions.predictors.question_answering.spans import best_spans, probabilities
from functions.predictors.question_answering.windows import TokenizedText


class FoundAnswers:
    """The answers of one context. Texts that differ only in case are one answer: the first found, all scores added."""

    def __init__(self, context: str) -> None:
        self._context = context
        self._by_text: dict[str, dict[str, Any]] = {}
        self._null_score: float | None = None

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
            self.add_null(np.float32(start_null * end_null))

    def add(self, characters: Integers, scores: Floats) -> None:
        """Add the spans of one window, as characters [spans, 2], the best first."""
        for (start, end), score in zip(characters.tolist(), scores.tolist(), strict=True):
            text = self._context[start:end]
            first = self._by_text.setdefault(text.lower(), {"score": 0.0, "start": start, "end": end, "answer": text})
            first["score"] += score

    def add_null(self, score: np.float32) -> None:
        """Add the score of no answer in one window; the least score of all windows counts."""
        self._null_score = float(score) if self._null_score is None else min(self._null_score, float(score))

    def best(self, count: int) -> list[dict[str, Any]]:
        """At most `count` answers with score, start, end and answer, the best first."""
        answers = list(self._by_text.values())
        if self._null_score is not None:
            answers.append({"score": self._null_score, "start": 0, "end": 0, "answer": ""})
        return sorted(answers, key=lambda answer: -answer["score"])[:count]
