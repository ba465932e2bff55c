"""Report of how far a graph is from the model that it was made from, and the lengths at which they are compared."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import transformers

from model_export.checkpoints.banded import LARGEST_BLOCK, windows
from model_export.checkpoints.loading import Checkpoint

TOLERANCE = 1e-4
"""Largest difference of two logits: float32 sums in another order differ by some 1e-5."""
SHORT = (16, 24, 64)
"""Lengths of texts that people send most."""
STEPS = ("local_attention", "position_buckets", "conv_kernel_size")
"""Lengths in the configurations of families that read what is near by other rules than what is far."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphParity(ABC):
    """Differences of the logits on `rows` texts, which have `tokens` in all.

    `lengths` are the tokens of each input in the order compared; the largest difference is at `worst_length` tokens.
    """

    reference: str
    source: str
    rows: int
    tokens: int
    lengths: tuple[int, ...]
    largest_batch: int
    max_absolute_difference: float
    worst_length: int
    tolerance: float = TOLERANCE
    quantized: Quantized | None = None

    @property
    @abstractmethod
    def moved(self) -> int:
        """Number of rows for which the graph chooses otherwise than the model."""

    @property
    @abstractmethod
    def choice(self) -> str:
        """The choice in words."""

    @property
    def is_equal(self) -> bool:
        return self.max_absolute_difference <= self.tolerance and not self.moved

    @property
    def sentence(self) -> str:
        """The report in words."""
        verdict = "equals" if self.is_equal else "is not"
        return (
            f"ONNX {verdict} the model on {self.rows} texts of {min(self.lengths)} to {max(self.lengths)} tokens: "
            f"logits differ by {self.max_absolute_difference:.1e} at most (at {self.worst_length} tokens; allowed "
            f"{self.tolerance:g}), {self.choice} in {self.moved} of them"
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """The largest difference of two logits of a batch, the tokens where it is, and the number of rows that moved."""

    largest: float
    length: int
    moved: int


def total(differences: Iterable[Difference]) -> Difference:
    """The largest of all batches, and the rows that moved in any."""
    found = Difference(0.0, 0, 0)
    for one in differences:
        worst = one if one.largest >= found.largest else found
        found = Difference(worst.largest, worst.length, found.moved + one.moved)
    return found


def reference_versions() -> str:
    """The libraries whose model is the reference."""
    return f"transformers {transformers.__version__}, torch {torch.__version__}"


def steps(checkpoint: Checkpoint) -> set[int]:
    """Lengths in tokens at which the graph or the model starts another block or window, and short ones."""
    config = checkpoint.model.config
    if checkpoint.family == "longformer":
        halves = {window // 2 for window in windows(config)}
        return {LARGEST_BLOCK, LARGEST_BLOCK + min(windows(config)), *windows(config), *halves}
    own = {getattr(config, name, None) or LARGEST_BLOCK for name in STEPS}
    return {LARGEST_BLOCK, *SHORT, *own}


def lengths_around(steps_in_tokens: Iterable[int], longest: int) -> set[int]:
    """Lengths around each step and twice the step, and around the whole, the half and a quarter of the longest."""
    near = {multiple * step + off for step in steps_in_tokens for multiple in (1, 2) for off in (-1, 0, 1)}
    return near | {longest // part + off for part in (1, 2, 4) for off in (-1, 0)}


def best_differs(found: npt.NDArray[np.float32], expected: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """Whether the best column of each row is another one [rows], ties aside.

    Two tokens that mean the same, as the two `</s>` between a question and its context, have scores that only the last
    digit of float32 tells apart, and no computation has to keep it.
    """
    rows = np.arange(len(expected))
    best, ours = expected.argmax(axis=1), found.argmax(axis=1)
    apart: npt.NDArray[np.bool_] = expected[rows, best] - expected[rows, ours] > TOLERANCE
    return apart | np.isnan(found).any(axis=1)
