"""Comparison of a graph with the model that it was made from, on inputs of every kind that it may get."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import transformers

from model_export.progress import StageProgress, with_progress
from model_export.question_answering.banded import LARGEST_BLOCK, windows
from model_export.question_answering.checkpoints import Checkpoint
from model_export.question_answering.exporting import Exportable
from model_export.question_answering.tokenization import TypedToken

TOLERANCE = 1e-4
"""Largest difference of two logits: float32 sums in another order differ by some 1e-5."""
IMPOSSIBLE = np.float32(-1e5)
"""A logit that no token has by itself; a BigBird gives the tokens of a question far less."""
LONGEST_QUESTION = 64
QUESTIONS_A_BATCH = 16
SHORT = (16, 24, 64)
"""Lengths of texts that people send most."""
STEPS = ("local_attention", "position_buckets", "conv_kernel_size")
"""Lengths in the configurations of families that read what is near by other rules than what is far."""
RAGGED = 600
OUTPUTS = ("start_logits", "end_logits")

Arrays = dict[str, npt.NDArray[np.int64]]
Logits = Sequence[npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Quantized:
    """Effects of int8 on the same inputs and on the questions, or texts, of an evaluation file; `margin` is in
    percentage points.

    `exact_metrics` were measured before the graph was quantized.
    """

    questions: int
    margin: float
    exact_metrics: Mapping[str, float]
    max_absolute_difference: float
    different_argmax: int


@dataclass(frozen=True, slots=True)
class LogitParity:
    """Differences of the logits, padding left out; `different_argmax` counts rows whose best start or end moved.

    `lengths` are the tokens of each input, question and padding included, in the order compared.
    """

    reference: str
    source: str
    inputs: int
    rows: int
    tokens: int
    lengths: tuple[int, ...]
    question_lengths: tuple[int, int]
    largest_batch: int
    max_absolute_difference: float
    worst_length: int
    different_argmax: int
    tolerance: float = TOLERANCE
    quantized: Quantized | None = None

    @property
    def is_equal(self) -> bool:
        return self.max_absolute_difference <= self.tolerance and not self.different_argmax

    @property
    def sentence(self) -> str:
        """The report in words."""
        verdict = "equals" if self.is_equal else "is not"
        return (
            f"ONNX {verdict} the model on {self.rows} texts of {min(self.lengths)} to {max(self.lengths)} tokens: "
            f"logits differ by {self.max_absolute_difference:.1e} at most (at {self.worst_length} tokens; allowed "
            f"{self.tolerance:g}), the best start or end in {self.different_argmax} of them"
        )


@dataclass(frozen=True, slots=True)
class Row:
    """Tokens of the question, and of the whole input."""

    question: int
    length: int


def compare_logits(checkpoint: Checkpoint, session: Any, source: str, report: StageProgress) -> LogitParity:
    """Run all inputs through both; differences are reported, not raised."""
    shape = RandomInputs(checkpoint)
    batches = plan(checkpoint.marks.count, checkpoint.max_length, steps(checkpoint))
    largest, worst, moved_rows, tokens = 0.0, 0, 0, 0
    for number, rows in enumerate(with_progress(batches, report)):
        # Seeded by the batch, so that a checkpoint is always compared on the same inputs.
        arrays = shape.arrays(rows, seed=number)
        theirs, ours = model_logits(checkpoint.model, arrays), graph_logits(session, arrays)
        # Logits of padding are never read, and models fill them as they like.
        is_text = arrays["attention_mask"].astype(bool)
        apart = difference(ours, theirs, is_text)
        if apart >= largest:
            largest, worst = apart, rows[0].length
        moved_rows += moved(ours, theirs, is_text)
        tokens += int(is_text.sum())
    every = [row for rows in batches for row in rows]
    return LogitParity(
        reference=f"transformers {transformers.__version__}, torch {torch.__version__}",
        source=source,
        inputs=len(batches),
        rows=len(every),
        tokens=tokens,
        lengths=tuple(max(row.length for row in rows) for rows in batches),
        question_lengths=(min(row.question for row in every), max(row.question for row in every)),
        largest_batch=max(map(len, batches)),
        max_absolute_difference=largest,
        worst_length=worst,
        different_argmax=moved_rows,
    )


def graph_logits(session: Any, arrays: Arrays) -> list[npt.NDArray[np.float32]]:
    """The graph's start and end logits [B, S]."""
    names = [tensor.name for tensor in session.get_inputs()]
    logits: list[npt.NDArray[np.float32]] = session.run(OUTPUTS, {name: arrays[name] for name in names})
    return logits


def steps(checkpoint: Exportable) -> set[int]:
    """Lengths in tokens at which the graph or the model starts another block or window, and short ones."""
    config = checkpoint.model.config
    if checkpoint.family == "longformer":
        halves = {window // 2 for window in windows(config)}
        return {LARGEST_BLOCK, LARGEST_BLOCK + min(windows(config)), *windows(config), *halves}
    own = {getattr(config, name, None) or LARGEST_BLOCK for name in STEPS}
    return {LARGEST_BLOCK, *SHORT, *own}


def plan(special: int, longest: int, period: Iterable[int]) -> list[list[Row]]:
    """Batches of rows: each length around the periods, every length of a question, rows of different lengths."""
    least = special + 2
    around = {multiple * length + off for length in period for multiple in (1, 2) for off in (-1, 0, 1)}
    doubled = {longest // part + off for part in (1, 2, 4) for off in (-1, 0)}
    lengths = sorted(length for length in around | doubled | {least} if least <= length <= longest)
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

    def __init__(self, checkpoint: Checkpoint) -> None:
        tokenizer = checkpoint.tokenizer
        specials = set(tokenizer.all_special_ids)
        self._marks = checkpoint.marks
        self._pad = tokenizer.pad_token_id
        self._plain = [token for token in range(len(tokenizer)) if token not in specials]

    def arrays(self, rows: Sequence[Row], seed: int) -> Arrays:
        """int64 [B, S] each, padded to the longest row."""
        chance = random.Random(seed)  # noqa: S311
        shape = (len(rows), max(row.length for row in rows))
        ids, mask, types = np.full(shape, self._pad), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for number, row in enumerate(rows):
            pair = np.array(self._pair(chance, row), dtype=np.int64)
            ids[number, : row.length], types[number, : row.length] = pair.T
            mask[number, : row.length] = 1
        return {"input_ids": ids.astype(np.int64), "attention_mask": mask, "token_type_ids": types}

    def _pair(self, chance: random.Random, row: Row) -> list[TypedToken]:
        question = chance.choices(self._plain, k=row.question)
        return self._marks.around(
            question, chance.choices(self._plain, k=row.length - row.question - self._marks.count)
        )


def model_logits(model: Any, arrays: Arrays) -> list[npt.NDArray[np.float32]]:
    """The model's start and end logits [B, S]."""
    taken = ("input_ids", "attention_mask", *(["token_type_ids"] if has_types(model) else []))
    with torch.inference_mode():
        output = model(**{name: torch.from_numpy(arrays[name]) for name in taken})
    return [output.start_logits.numpy(), output.end_logits.numpy()]


def has_types(model: Any) -> bool:
    """True for a model that reads the types of its tokens."""
    # a model with one type alone has an input for it all the same, and reads no other type from it
    is_taken = "token_type_ids" in signature(model.forward).parameters
    return is_taken and getattr(model.config, "type_vocab_size", 0) > 1


def difference(found: Logits, expected: Logits, is_text: npt.NDArray[np.bool_]) -> float:
    """The largest difference outside padding; infinite if a logit is not a number."""
    pairs = zip(found, expected, strict=True)
    largest = max(float(np.abs(_bounded(ours) - _bounded(theirs))[is_text].max()) for ours, theirs in pairs)
    return float("inf") if math.isnan(largest) else largest


def _bounded(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The logits, those of masked tokens equal: where a model takes 1e6 off, float32 has no digit left for the rest."""
    return np.maximum(logits, IMPOSSIBLE)


def moved(found: Logits, expected: Logits, is_text: npt.NDArray[np.bool_]) -> int:
    """Number of rows whose best start or end differs."""
    starts, ends = (
        differs(np.where(is_text, ours, -np.inf), np.where(is_text, theirs, -np.inf))
        for ours, theirs in zip(found, expected, strict=True)
    )
    return int((starts | ends).sum())


def differs(found: npt.NDArray[Any], expected: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Whether the best column of each row differs [rows], ties aside.

    Two tokens that mean the same, as the two `</s>` between a question and its context, have scores that only the last
    digit of float32 tells apart, and no computation has to keep it.
    """
    rows = np.arange(len(expected))
    best, ours = expected.argmax(axis=1), found.argmax(axis=1)
    apart: npt.NDArray[np.bool_] = expected[rows, best] - expected[rows, ours] > TOLERANCE
    return apart | np.isnan(found).any(axis=1)
