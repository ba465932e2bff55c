"""The base is the encoder of the file, with fewer words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from transformers import BertForQuestionAnswering

from zoo.becas.base import build
from zoo.becas.e5 import WORDS
from zoo.tests.becas.tiny_base import PIECES, write_tokenizer, write_weights


def test_the_model_has_the_weights_of_the_file_and_the_words_that_were_kept(tmp_path: Path) -> None:
    stored = write_weights(tmp_path / "e5.bin")
    write_tokenizer(tmp_path / "tokenizer.json")
    model, tokenizer = build(tmp_path / "e5.bin", tmp_path / "tokenizer.json", iter(["La beca paga 900."]))
    model.save_pretrained(tmp_path / "base")
    state = BertForQuestionAnswering.from_pretrained(tmp_path / "base").state_dict()
    word = tokenizer.convert_tokens_to_ids("▁beca")
    assert torch.equal(state[WORDS][word], torch.from_numpy(stored["emb.word"][PIECES.index("▁beca")]))
    assert torch.equal(
        state["bert.encoder.layer.1.intermediate.dense.weight"], torch.from_numpy(stored["l1.fi.w"].copy())
    )
    assert tokenizer("¿a?", "b").input_ids.count(tokenizer.sep_token_id) == 3
    assert tokenizer.pad_token_id == model.config.pad_token_id


def test_the_tokenizer_of_another_model_is_refused(tmp_path: Path) -> None:
    write_weights(tmp_path / "e5.bin")
    write_tokenizer(tmp_path / "other.json")
    text = (tmp_path / "other.json").read_text("utf-8").replace("▁beca", "▁cena")
    (tmp_path / "other.json").write_text(text, "utf-8")
    with pytest.raises(ValueError, match=re.escape("other.json has other pieces than")):
        build(tmp_path / "e5.bin", tmp_path / "other.json", iter(["La beca paga 900."]))
