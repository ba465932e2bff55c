"""Comparison of a graph with the model that it was made from, on texts of every length, alone and in batches."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import transformers

from model_export.progress import StageProgress, with_progress
from model_export.question_answering.parity import TOLERANCE, Arrays, Quantized, differs, has_types, steps
from model_export.text_classification.text_checkpoints import TextCheckpoint

ROWS = 200
"""The least number of texts."""
BATCH = 16
SHORTEST_FIRST = 64
"""Every length up to this is compared."""
Logits = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LabelParity:
    """Differences of the logits; `different_label` counts texts whose likeliest label is another one.

    `lengths` are the tokens of each text, special ones included, in the order compared.
    """

    reference: str
    source: str
    rows: int
    tokens: int
    lengths: tuple[int, ...]
    largest_batch: int
    max_absolute_difference: float
    worst_length: int
    different_label: int
    tolerance: float = TOLERANCE
    quantized: Quantized | None = None

    @property
    def is_equal(self) -> bool:
        return self.max_absolute_difference <= self.tolerance and not self.different_label

    @property
    def sentence(self) -> str:
        """The report in words."""
        verdict = "equals" if self.is_equal else "is not"
        return (
            f"ONNX {verdict} the model on {self.rows} texts of {min(self.lengths)} to {max(self.lengths)} tokens: "
            f"logits differ by {self.max_absolute_difference:.1e} at most (at {self.worst_length} tokens; allowed "
            f"{self.tolerance:g}), the likeliest label in {self.different_label} of them"
        )


def compare_labels(checkpoint: TextCheckpoint, session: Any, source: str, report: StageProgress) -> LabelParity:
    """Run all texts through both; differences are reported, not raised."""
    batches = text_batches(checkpoint)
    found = LabelParity(
        reference=f"transformers {transformers.__version__}, torch {torch.__version__}",
        source=source,
        rows=sum(map(len, batches)),
        tokens=sum(map(sum, batches)),
        lengths=tuple(length for batch in batches for length in batch),
        largest_batch=max(map(len, batches)),
        max_absolute_difference=0.0,
        worst_length=0,
        different_label=0,
    )
    for number, lengths in enumerate(with_progress(batches, report)):
        # Seeded by the batch, so that a checkpoint is always compared on the same texts.
        arrays = text_arrays(checkpoint, lengths, seed=number)
        theirs, ours = model_scores(checkpoint.model, arrays), graph_scores(session, arrays)
        apart = np.abs(ours - theirs).max(axis=1)
        apart[np.isnan(apart)] = np.inf
        moved = int(differs(ours, theirs).sum())
        found = replace(found, different_label=found.different_label + moved)
        if apart.max() >= found.max_absolute_difference:
            worst = lengths[int(apart.argmax())]
            found = replace(found, max_absolute_difference=float(apart.max()), worst_length=worst)
    return found


def text_batches(checkpoint: TextCheckpoint) -> list[list[int]]:
    """Lengths in tokens: each around the steps of the model and each short one alone, then batches of many lengths."""
    least, longest = checkpoint.ends.count + 1, checkpoint.max_length
    around = {multiple * step + off for step in steps(checkpoint) for multiple in (1, 2) for off in (-1, 0, 1)}
    parts = {longest // part + off for part in (1, 2, 4) for off in (-1, 0)}
    wanted = around | parts | set(range(least, SHORTEST_FIRST + 1))
    alone = sorted(length for length in wanted if least <= length <= longest)
    chance = random.Random(len(alone))  # noqa: S311
    more = [chance.randint(least, min(longest, 4 * SHORTEST_FIRST)) for _ in range(max(ROWS - len(alone), BATCH))]
    return [*([length] for length in alone), *(more[first : first + BATCH] for first in range(0, len(more), BATCH))]


def text_arrays(checkpoint: TextCheckpoint, lengths: Sequence[int], seed: int) -> Arrays:
    """Texts of random tokens that are not special ones; int64 [B, S] each, padded to the longest."""
    tokenizer, ends = checkpoint.tokenizer, checkpoint.ends
    specials = set(tokenizer.all_special_ids)
    plain = [token for token in range(len(tokenizer)) if token not in specials]
    chance = random.Random(seed)  # noqa: S311
    shape = (len(lengths), max(lengths))
    ids, mask, types = np.full(shape, tokenizer.pad_token_id), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for row, length in enumerate(lengths):
        text = [(token, ends.text_type) for token in chance.choices(plain, k=length - ends.count)]
        ids[row, :length], types[row, :length] = np.array([*ends.before, *text, *ends.behind], dtype=np.int64).T
        mask[row, :length] = 1
    return {"input_ids": ids.astype(np.int64), "attention_mask": mask, "token_type_ids": types}


def graph_scores(session: Any, arrays: Arrays) -> Logits:
    """The graph's logits [B, labels]."""
    names = [tensor.name for tensor in session.get_inputs()]
    [logits] = session.run(["logits"], {name: arrays[name] for name in names})
    found: Logits = logits
    return found


def model_scores(model: Any, arrays: Arrays) -> Logits:
    """The model's logits [B, labels]."""
    taken = ("input_ids", "attention_mask", *(["token_type_ids"] if has_types(model) else []))
    with torch.inference_mode():
        logits: Logits = model(**{name: torch.from_numpy(arrays[name]) for name in taken}).logits.numpy()
    return logits
