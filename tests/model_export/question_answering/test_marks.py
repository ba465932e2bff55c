"""The marks around a pair are those that the tokenizer of each family puts there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from model_export.checkpoints.families import FAMILIES

pytest.importorskip("transformers", reason="tokenizers come from transformers, which this environment lacks")

from transformers import AutoTokenizer, PreTrainedTokenizerFast

from model_export.question_answering.marks import Marks, marks_of

Checkpoints = Callable[[str], Path]


def load(folder: Path) -> PreTrainedTokenizerFast:
    found: PreTrainedTokenizerFast = AutoTokenizer.from_pretrained(folder)
    return found


def test_marks_around_a_pair(checkpoint: Checkpoints) -> None:
    bert, longformer = (marks_of(load(checkpoint(family))) for family in ("bert", "longformer"))
    assert (bert.count, longformer.count) == (3, 4)
    assert (bert.question_type, bert.context_type) == (0, 1)
    assert longformer == Marks(((0, 0),), ((2, 0), (2, 0)), ((2, 0),), 0, 0)
    assert longformer.around([7], [8, 9]) == [(0, 0), (7, 0), (2, 0), (2, 0), (8, 0), (9, 0), (2, 0)]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_pair_in_its_marks_is_what_the_tokenizer_makes(checkpoint: Checkpoints, family: str) -> None:
    tokenizer = load(checkpoint(family))
    encoded = tokenizer("¿Quién paga?", "La beca la paga el centro.", return_token_type_ids=True)
    sides = encoded.sequence_ids()
    question, context = (
        [token for token, side in zip(encoded["input_ids"], sides, strict=True) if side == wanted] for wanted in (0, 1)
    )
    pair = marks_of(tokenizer).around(question, context)
    assert pair == list(zip(encoded["input_ids"], encoded["token_type_ids"], strict=True))
