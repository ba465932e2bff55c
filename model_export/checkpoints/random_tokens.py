"""Random tokens for inputs in the form that a tokenizer gives them."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
from transformers import PreTrainedTokenizerFast

from model_export.checkpoints.logits import Arrays
from model_export.checkpoints.tokenization import TypedToken


class RandomTokens:
    """Random tokens of a tokenizer, none of which is a special one."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast) -> None:
        specials = set(tokenizer.all_special_ids)
        self._plain = [token for token in range(len(tokenizer)) if token not in specials]
        self._pad = tokenizer.pad_token_id

    def drawn(self, chance: random.Random, number: int) -> list[int]:
        return chance.choices(self._plain, k=number)

    def padded(self, rows: Sequence[Sequence[TypedToken]]) -> Arrays:
        """The inputs of a batch, int64 [B, S] each, padded to the longest row."""
        shape = (len(rows), max(map(len, rows)))
        ids, mask, types = np.full(shape, self._pad, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for number, row in enumerate(rows):
            ids[number, : len(row)], types[number, : len(row)] = np.array(row, np.int64).T
            mask[number, : len(row)] = 1
        return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
