"""From a graph's scores of one window to the answers in it: the one way, to serve and to measure."""

from __future__ import annotations

import numpy as np

from functions.predictors.question_answering.answers import FoundAnswers
from functions.predictors.question_answering.pairs import Window
from functions.predictors.question_answering.parameters import Answering
from functions.predictors.question_answering.spans import Floats, best_spans, probabilities
from functions.predictors.question_answering.windows import Tokens


def decode(
    found: FoundAnswers, start_logits: Floats, end_logits: Floats, window: Window, context: Tokens, asked: Answering
) -> None:
    """Add the window's answers to those of its context; the logits [S] are those of its tokens as start and as end."""
    start_null, start = probabilities(start_logits, window.place)
    end_null, end = probabilities(end_logits, window.place)
    spans = best_spans(start, end, asked.candidates, asked.max_answer_len)
    characters = context.characters(window.part, spans.starts, spans.ends, whole_words=asked.align_to_words)
    found.add(characters, spans.scores)
    if asked.handle_impossible_answer:
        found.add_null(np.float32(start_null * end_null))
