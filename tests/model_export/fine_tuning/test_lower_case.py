"""Tokenizers that make texts lower-case, of each kind, and saved."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="fine-tuning needs torch, which this environment lacks")

from model_export.checkpoints.loading import tokenizer_of
from model_export.fine_tuning.lower_case import lower_cased
from tests.model_export.checkpoints.hub_tokenizers import tokenizer_of_hub

QUESTION, CONTEXT = "La beca paga", "El abono"


@pytest.mark.parametrize("family", ["bert", "roberta", "xlm-roberta", "albert", "mpnet"])
def test_the_same_words_have_the_same_tokens_in_capitals_also_after_saving(family: str, tmp_path: Path) -> None:
    tokenizer_of_hub(tmp_path / "base", family).save_pretrained(tmp_path / "base")
    base = tokenizer_of(tmp_path / "base")
    made = lower_cased(tokenizer_of(tmp_path / "base"))
    made.save_pretrained(tmp_path / "made")
    saved = tokenizer_of(tmp_path / "made")
    for tokenizer in (made, saved):
        lower = tokenizer(QUESTION.lower(), CONTEXT.lower())["input_ids"]
        assert tokenizer(QUESTION.upper(), CONTEXT.upper())["input_ids"] == lower
        assert base(QUESTION.lower(), CONTEXT.lower())["input_ids"] == lower


def test_accents_are_taken_off_by_word_pieces_alone(tmp_path: Path) -> None:
    """As do_lower_case of BERT; places in the text stay those of the text as it was."""
    tokenizer_of_hub(tmp_path / "base", "bert").save_pretrained(tmp_path / "base")
    made = lower_cased(tokenizer_of(tmp_path / "base"))
    assert made.backend_tokenizer.normalizer.normalize_str("CUÁNDO") == "cuando"
    encoding = made.backend_tokenizer.encode("¿Cuándo SE paga?", add_special_tokens=False)
    assert encoding.offsets[-1][1] == len("¿Cuándo SE paga?")
