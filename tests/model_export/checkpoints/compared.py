"""Comparison of a checkpoint with its graph, on rows of random tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from functions.predictors.session import open_session
from model_export.checkpoints.logits import graph_logits, model_logits
from model_export.question_answering.parity import OUTPUTS, RandomInputs, Row, difference, moved

TOLERANCE = 1e-4
LEAST = 6
"""Tokens of the shortest input: four special ones, one of a question, one of a context."""


class Compared:
    """A checkpoint, and a session over its graph."""

    def __init__(self, checkpoint: Any, graph: bytes) -> None:
        self.checkpoint = checkpoint
        self.session = open_session(graph)
        self.shape = RandomInputs(checkpoint)

    def differs_by(self, rows: Sequence[Row], seed: int = 0) -> float:
        """Infinite if another start or end is the best one."""
        arrays = self.shape.arrays(rows, seed)
        is_text = arrays["attention_mask"].astype(bool)
        theirs, ours = model_logits(self.checkpoint.model, OUTPUTS, arrays), graph_logits(self.session, OUTPUTS, arrays)
        if moved(ours, theirs, is_text):
            return float("inf")
        return difference(ours, theirs, is_text)
