"""Comparison of a graph with the model that it was made from, on texts of every length, alone and in batches."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model_export.checkpoints.graph_parity import (
    Difference,
    GraphParity,
    best_differs,
    lengths_around,
    reference_versions,
    steps,
    total,
)
from model_export.checkpoints.logits import Arrays, graph_logits, model_logits
from model_export.checkpoints.random_tokens import RandomTokens
from model_export.checkpoints.tokenization import TypedToken
from model_export.progress import StageProgress, with_progress
from model_export.text_classification.text_checkpoints import TextCheckpoint

ROWS = 200
"""The least number of texts."""
BATCH = 16
SHORTEST_FIRST = 64
"""Every length up to this is compared."""
OUTPUTS = ("logits",)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelParity(GraphParity):
    """The differences; `different_label` counts texts whose likeliest label is another one.

    `lengths` are the tokens of each text, special ones included.
    """

    different_label: int

    @property
    def moved(self) -> int:
        return self.different_label

    @property
    def choice(self) -> str:
        return "the likeliest label"


def compare_labels(checkpoint: TextCheckpoint, session: Any, source: str, report: StageProgress) -> LabelParity:
    """Run all texts through both; differences are reported, not raised."""
    texts = RandomTexts(checkpoint)
    batches = text_batches(checkpoint)
    found = total(
        # Seeded by the batch, so that a checkpoint is always compared on the same texts.
        _difference(checkpoint.model, session, texts.arrays(lengths, seed=number), lengths)
        for number, lengths in enumerate(with_progress(batches, report))
    )
    return LabelParity(
        reference=reference_versions(),
        source=source,
        rows=sum(map(len, batches)),
        tokens=sum(map(sum, batches)),
        lengths=tuple(length for batch in batches for length in batch),
        largest_batch=max(map(len, batches)),
        max_absolute_difference=found.largest,
        worst_length=found.length,
        different_label=found.moved,
    )


def _difference(model: Any, session: Any, arrays: Arrays, lengths: Sequence[int]) -> Difference:
    """Of a batch; infinite if a logit is not a number."""
    [theirs], [ours] = model_logits(model, OUTPUTS, arrays), graph_logits(session, OUTPUTS, arrays)
    apart = np.abs(ours - theirs).max(axis=1)
    apart[np.isnan(apart)] = np.inf
    different = int(best_differs(ours, theirs).sum())
    return Difference(float(apart.max()), lengths[int(apart.argmax())], different)


def text_batches(checkpoint: TextCheckpoint) -> list[list[int]]:
    """Lengths in tokens: each around the steps of the model and each short one alone, then batches of many lengths."""
    least, longest = checkpoint.ends.count + 1, checkpoint.max_length
    wanted = lengths_around(steps(checkpoint), longest) | set(range(least, SHORTEST_FIRST + 1))
    alone = sorted(length for length in wanted if least <= length <= longest)
    chance = random.Random(len(alone))  # noqa: S311
    more = [chance.randint(least, min(longest, 4 * SHORTEST_FIRST)) for _ in range(max(ROWS - len(alone), BATCH))]
    return [*([length] for length in alone), *(more[first : first + BATCH] for first in range(0, len(more), BATCH))]


class RandomTexts:
    """Maker of texts in the form that the tokenizer gives them, of random tokens that are not special ones."""

    def __init__(self, checkpoint: TextCheckpoint) -> None:
        self._tokens = RandomTokens(checkpoint.tokenizer)
        self._ends = checkpoint.ends

    def arrays(self, lengths: Sequence[int], seed: int) -> Arrays:
        """int64 [B, S] each, padded to the longest."""
        chance = random.Random(seed)  # noqa: S311
        return self._tokens.padded([self._text(chance, length) for length in lengths])

    def _text(self, chance: random.Random, length: int) -> list[TypedToken]:
        return self._ends.around(self._tokens.drawn(chance, length - self._ends.count))
