"""Comparison of a graph with the model that it was made from, on inputs of every kind that it may get."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from model_export.checkpoints.graph_parity import (
    Difference,
    GraphParity,
    best_differs,
    lengths_around,
    reference_versions,
    steps,
    total,
)
from model_export.checkpoints.logits import Arrays, Logits, graph_logits, model_logits
from model_export.checkpoints.random_tokens import RandomTokens
from model_export.checkpoints.tokenization import TypedToken
from model_export.progress import StageProgress, with_progress
from model_export.question_answering.checkpoints import AnsweringCheckpoint

IMPOSSIBLE = np.float32(-1e5)
"""A logit that no token has by itself; a BigBird gives the tokens of a question far less."""
LONGEST_QUESTION = 64
QUESTIONS_A_BATCH = 16
RAGGED = 600
OUTPUTS = ("start_logits", "end_logits")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogitParity(GraphParity):
    """The differences, padding left out, on `inputs` batches; `different_argmax` counts rows whose best start or end
    moved.

    `lengths` are the tokens of each batch, question and padding included.
    """

    inputs: int
    question_lengths: tuple[int, int]
    different_argmax: int

    @property
    def moved(self) -> int:
        return self.different_argmax

    @property
    def choice(self) -> str:
        return "the best start or end"


@dataclass(frozen=True, slots=True)
class Row:
    """Tokens of the question, and of the whole input."""

    question: int
    length: int


def compare_logits(checkpoint: AnsweringCheckpoint, session: Any, source: str, report: StageProgress) -> LogitParity:
    """Run all inputs through both; differences are reported, not raised."""
    shape = RandomInputs(checkpoint)
    batches = plan(checkpoint.marks.count, checkpoint.max_length, steps(checkpoint))
    found = total(
        # Seeded by the batch, so that a checkpoint is always compared on the same inputs.
        _difference(checkpoint.model, session, shape.arrays(rows, seed=number), rows[0].length)
        for number, rows in enumerate(with_progress(batches, report))
    )
    every = [row for rows in batches for row in rows]
    return LogitParity(
        reference=reference_versions(),
        source=source,
        inputs=len(batches),
        rows=len(every),
        tokens=sum(row.length for row in every),
        lengths=tuple(max(row.length for row in rows) for rows in batches),
        question_lengths=(min(row.question for row in every), max(row.question for row in every)),
        largest_batch=max(map(len, batches)),
        max_absolute_difference=found.largest,
        worst_length=found.length,
        different_argmax=found.moved,
    )


def _difference(model: Any, session: Any, arrays: Arrays, length: int) -> Difference:
    theirs, ours = model_logits(model, OUTPUTS, arrays), graph_logits(session, OUTPUTS, arrays)
    # Logits of padding are never read, and models fill them as they like.
    is_text = arrays["attention_mask"].astype(bool)
    return Difference(difference(ours, theirs, is_text), length, moved(ours, theirs, is_text))


def plan(special: int, longest: int, period: Iterable[int]) -> list[list[Row]]:
    """Batches of rows: each length around the periods, every length of a question, rows of different lengths."""
    least = special + 2
    wanted = lengths_around(period, longest) | {least}
    lengths = sorted(length for length in wanted if least <= length <= longest)
    alone = [[_row(special, 1 + 7 * number % LONGEST_QUESTION, length)] for number, length in enumerate(lengths)]
    short = min(longest, LONGEST_QUESTION + special + 40)
    asked = [_row(special, question, short) for question in range(1, LONGEST_QUESTION + 1)]
    questions = [asked[first : first + QUESTIONS_A_BATCH] for first in range(0, len(asked), QUESTIONS_A_BATCH)]
    parts = [max(least, min(longest, RAGGED) // part) for part in (1, 2, 9, 50)]
    ragged = [_row(special, 3 + 5 * number, length) for number, length in enumerate(parts)]
    return [*alone, *questions, ragged]


def _row(special: int, question: int, length: int) -> Row:
    """A row that leaves at least one token to the context."""
    return Row(min(question, length - special - 1), length)


class RandomInputs:
    """Maker of inputs in the form that the tokenizer gives them, of random tokens that are not special ones."""

    def __init__(self, checkpoint: AnsweringCheckpoint) -> None:
        self._tokens = RandomTokens(checkpoint.tokenizer)
        self._marks = checkpoint.marks

    def arrays(self, rows: Sequence[Row], seed: int) -> Arrays:
        """int64 [B, S] each, padded to the longest row."""
        chance = random.Random(seed)  # noqa: S311
        return self._tokens.padded([self._pair(chance, row) for row in rows])

    def _pair(self, chance: random.Random, row: Row) -> list[TypedToken]:
        question = self._tokens.drawn(chance, row.question)
        return self._marks.around(question, self._tokens.drawn(chance, row.length - row.question - self._marks.count))


def difference(found: Sequence[Logits], expected: Sequence[Logits], is_text: npt.NDArray[np.bool_]) -> float:
    """The largest difference outside padding; infinite if a logit is not a number."""
    pairs = zip(found, expected, strict=True)
    largest = max(float(np.abs(_bounded(ours) - _bounded(theirs))[is_text].max()) for ours, theirs in pairs)
    return float("inf") if math.isnan(largest) else largest


def _bounded(logits: Logits) -> Logits:
    """The logits, those of masked tokens equal: where a model takes 1e6 off, float32 has no digit left for the rest."""
    return np.maximum(logits, IMPOSSIBLE)


def moved(found: Sequence[Logits], expected: Sequence[Logits], is_text: npt.NDArray[np.bool_]) -> int:
    """Number of rows whose best start or end differs."""
    starts, ends = (
        best_differs(np.where(is_text, ours, -np.inf), np.where(is_text, theirs, -np.inf))
        for ours, theirs in zip(found, expected, strict=True)
    )
    return int((starts | ends).sum())
