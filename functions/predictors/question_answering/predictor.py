"""Answers to questions by the ONNX graph of an extractive model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from functions.core.definition import Limits
from functions.core.errors import DamagedVersionError, Fault, InvalidInputError, TooLargeError
from functions.core.processors import thread_count
from functions.core.question_answering import CONTEXT, QUESTION
from functions.core.schema import Table
from functions.predictors.predictions import Floats, Prediction
from functions.predictors.question_answering.answers import FoundAnswers
from functions.predictors.question_answering.pairs import SMALLEST_WINDOW_TOKENS, Pair, PairReader, Window
from functions.predictors.question_answering.parameters import Answering, AnsweringParameters, AnsweringSettings
from functions.predictors.reading_time import ReadingSpeed, ReadingTime
from functions.predictors.session import open_session
from functions.predictors.tokenizer import refuse_characters

WINDOW_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}
WINDOW_OUTPUTS = ["start_logits", "end_logits"]


class QuestionAnsweringPredictor:
    """A graph that reads one window at a time, without padding.

    Its inputs are int64 [1, S] `input_ids`, `attention_mask` and `token_type_ids`, or some of these; its outputs
    `start_logits` and `end_logits`, float32 [1, S].
    """

    def __init__(self, graph: bytes, tokenizer: bytes, settings: bytes, limits: Limits) -> None:
        """Raises DamagedVersionError."""
        # unlike tables a window is worth all CPUs; the export has optimised the graph
        self._session = open_session(graph, threads=thread_count(), is_optimised=True)
        self._inputs = {node.name for node in self._session.get_inputs()}
        outputs = {node.name for node in self._session.get_outputs()}
        if not self._inputs <= WINDOW_INPUTS or not outputs.issuperset(WINDOW_OUTPUTS):
            raise DamagedVersionError(
                f"model.onnx makes {', '.join(sorted(outputs))} of {', '.join(sorted(self._inputs))}, "
                "which is no question answering"
            )
        self._reader = PairReader(tokenizer)
        self._settings = AnsweringSettings.from_json(settings)
        self._limits = limits
        self._speed = ReadingSpeed()

    def predict(self, table: Table) -> list[Prediction]:
        """The best answer for each row, in order; raises as `answer` does."""
        questions, contexts = cast(list[str], table[QUESTION]), cast(list[str], table[CONTEXT])
        return [
            {"answer": best["answer"], "score": best["score"], "start": best["start"], "end": best["end"]}
            for best, *_ in self.answer(questions, contexts, AnsweringParameters())
        ]

    def answer(
        self, questions: Sequence[str], contexts: Sequence[str], parameters: AnsweringParameters
    ) -> list[list[dict[str, Any]]]:
        """For each pair at least one answer, the best first: its score, start and end (in characters), and text.

        Raises InvalidInputError with faults at (row, name) or ("parameters", name); TooLargeError.
        """
        asked = parameters.resolved(self._settings)
        refuse_characters([*questions, *contexts], self._limits)
        pairs = self._reader.read(questions, contexts, asked)
        # all pairs are counted before the first is read: a request is refused at once or answered whole
        tokens = self._reader.count(pairs)
        self._refuse_tokens(tokens, pairs)
        time = ReadingTime(tokens, self._speed)
        return [self._answers(row, pair, asked, time) for row, pair in enumerate(pairs)]

    def _answers(self, row: int, pair: Pair, asked: Answering, time: ReadingTime) -> list[dict[str, Any]]:
        answers = FoundAnswers(pair.text)
        for window in self._reader.windows(pair):
            start_logits, end_logits = self._run(row, window)
            time.spend(window.tokens)
            answers.add_window(start_logits, end_logits, window, pair.context, asked)
        return answers.best(asked.top_k)

    def _run(self, row: int, window: Window) -> tuple[Floats, Floats]:
        """Scores of each token [S] as start and as end of an answer."""
        values = {"input_ids": window.ids, "attention_mask": np.ones_like(window.ids), "token_type_ids": window.types}
        start, end = self._session.run(WINDOW_OUTPUTS, {name: values[name][None] for name in self._inputs})
        if not (np.isfinite(start).all() and np.isfinite(end).all()):
            raise InvalidInputError([Fault((row,), "the model has no finite scores for these texts", "not_finite")])
        return start[0], end[0]

    def _refuse_tokens(self, tokens: int, pairs: Sequence[Pair]) -> None:
        if tokens > self._limits.max_tokens:
            windows = sum(len(pair.windows) for pair in pairs)
            raise TooLargeError(
                f"{tokens} tokens in {windows} windows are more than {self._limits.max_tokens}: send less text at "
                f"once, or ask for fewer windows (a longer max_seq_len, a smaller doc_stride); each after the first of "
                f"a context counts as {SMALLEST_WINDOW_TOKENS} at least"
            )
