"""tokenizer.json numbers texts as transformers does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from functions.core.errors import CheckpointError, ParityError
from functions.predictors.tokenizer import open_tokenizer
from tests.model_export.checkpoints.hub_tokenizers import HUB_TOKENIZERS
from tests.model_export.checkpoints.tiny import TEXTS

pytest.importorskip("transformers", reason="tokenizers come from transformers, which this environment lacks")

from tokenizers import Tokenizer
from tokenizers.pre_tokenizers import PreTokenizer
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from model_export.checkpoints.tokenization import served_tokenizer

Checkpoints = Callable[[str], Path]


def load(folder: Path) -> PreTrainedTokenizerFast:
    found: PreTrainedTokenizerFast = AutoTokenizer.from_pretrained(folder)
    return found


@pytest.mark.parametrize("family", HUB_TOKENIZERS)
def test_the_served_tokenizer_cuts_and_pads_nothing(checkpoint: Checkpoints, family: str) -> None:
    original = load(checkpoint(family))
    original.backend_tokenizer.enable_truncation(8)
    original.backend_tokenizer.enable_padding(length=16)
    served = Tokenizer.from_str(served_tokenizer(original).decode())
    for question in TEXTS:
        expected = original(question, " ".join(TEXTS), truncation=False)["input_ids"]
        assert served.encode(question, " ".join(TEXTS)).ids == expected


def test_a_tokenizer_that_numbers_otherwise_is_refused(
    checkpoint: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = load(checkpoint("bert"))
    other = load(checkpoint("roberta")).backend_tokenizer
    monkeypatch.setattr(type(original), "backend_tokenizer", property(lambda self: other))
    with pytest.raises(ParityError, match=r"tokenizer\.json makes"):
        served_tokenizer(original)


@pytest.mark.parametrize("family", HUB_TOKENIZERS)
def test_no_text_has_the_number_of_a_special_token(checkpoint: Checkpoints, family: str) -> None:
    """A Unigram has the names of its special tokens among its pieces."""
    original = load(checkpoint(family))
    served = open_tokenizer(served_tokenizer(original))
    special = set(original.all_special_ids) - {original.unk_token_id}
    for token in original.all_special_tokens:
        assert special.isdisjoint(served.encode(f"El {token}{token} fin", add_special_tokens=False).ids)


def test_a_tokenizer_that_runs_code_of_its_own_is_refused(checkpoint: Checkpoints) -> None:
    """As the one of a Chinese RoFormer, which cuts words with Jieba."""

    class Jieba:
        def pre_tokenize(self, text: object) -> None:
            """Cut nothing."""

    original = load(checkpoint("roformer"))
    original.backend_tokenizer.pre_tokenizer = PreTokenizer.custom(Jieba())
    with pytest.raises(CheckpointError, match=r"BertTokenizer(Fast)? cannot be written as a tokenizer\.json"):
        served_tokenizer(original)
