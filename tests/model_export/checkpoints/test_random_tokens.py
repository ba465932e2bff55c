"""Random tokens are no special ones, and rows are padded as the tokenizer pads them."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.model_export.checkpoints.hub_tokenizers import HUB_TOKENIZERS

pytest.importorskip("transformers", reason="tokenizers come from transformers, which this environment lacks")
pytest.importorskip("torch", reason="the forms of inputs are next to torch, which this environment lacks")

from transformers import AutoTokenizer

from model_export.checkpoints.random_tokens import RandomTokens

Checkpoints = Callable[[str], Path]


@pytest.mark.parametrize("family", HUB_TOKENIZERS)
def test_no_drawn_token_is_a_special_one(checkpoint: Checkpoints, family: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(checkpoint(family))
    drawn = RandomTokens(tokenizer).drawn(random.Random(3), 5000)
    assert set(drawn).isdisjoint(tokenizer.all_special_ids)
    assert len(set(drawn)) > 0.9 * (len(tokenizer) - len(tokenizer.all_special_ids))


def test_rows_are_padded_to_the_longest(checkpoint: Checkpoints) -> None:
    tokenizer = AutoTokenizer.from_pretrained(checkpoint("roberta"))
    arrays = RandomTokens(tokenizer).padded([[(7, 0), (8, 1), (9, 1)], [(6, 0)]])
    pad = tokenizer.pad_token_id
    assert {name: values.tolist() for name, values in arrays.items()} == {
        "input_ids": [[7, 8, 9], [6, pad, pad]],
        "attention_mask": [[1, 1, 1], [1, 0, 0]],
        "token_type_ids": [[0, 1, 1], [0, 0, 0]],
    }
