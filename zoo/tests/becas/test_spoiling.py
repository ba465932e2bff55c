"""The changes of tokens in training leave the text, and the answer to learn, as they are."""

from __future__ import annotations

import pytest
import torch
from tokenizers import Tokenizer

from zoo.becas.features import NO_FACT, Feature, feature
from zoo.becas.model import MASK, SPECIAL_TOKENS
from zoo.becas.spoiling import SPOILT, SPOILT_OF_QUESTION, parts_of, spoilt, unmerged
from zoo.becas.tokenizer import train_tokenizer
from zoo.draws import Draws

TEXT = "La Beca Olmos paga 1,200 pesos al mes. Se pide del 3 al 14 de mayo, en el portal, con la CURP. " * 3
SPANS = {1: (19, 38), 2: (51, 66)}


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer([TEXT] * 3, vocabulary=400)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("asked", [1, 2, 3])
def test_unmerged_tokens_are_the_same_text_with_the_same_answer(tokenizer: Tokenizer, seed: int, asked: int) -> None:
    one = feature(tokenizer, "¿Cuánto paga la beca?", TEXT, SPANS, asked)
    other = unmerged(one, parts_of(tokenizer), Draws(seed))
    assert len(other.ids) > len(one.ids)
    assert _text(tokenizer, other) == _text(tokenizer, one)
    assert _text(tokenizer, other, other.start, other.end) == _text(tokenizer, one, one.start, one.end)
    for fact in (NO_FACT, *SPANS):
        assert _tagged(tokenizer, other, fact) == _tagged(tokenizer, one, fact)
    assert len(other.facts) == len(other.ids) - other.context - 1


def test_the_question_and_the_context_are_kept_apart(tokenizer: Tokenizer) -> None:
    one = feature(tokenizer, "¿Cuánto paga la beca?", TEXT, SPANS, 1)
    other = unmerged(one, parts_of(tokenizer), Draws(1))
    assert _text(tokenizer, other, 0, other.context - 1) == _text(tokenizer, one, 0, one.context - 1)


def test_a_window_that_would_grow_too_long_stays(tokenizer: Tokenizer) -> None:
    one = feature(tokenizer, "¿Cuánto?", TEXT * 100, SPANS, 1)
    assert unmerged(one, parts_of(tokenizer), Draws(1)) == one


def test_more_of_the_question_is_spoilt_and_no_special_token() -> None:
    torch.manual_seed(0)
    ids = torch.full((100, 400), 77)
    ids[:, 0] = 0
    is_question = torch.zeros_like(ids, dtype=torch.bool)
    is_question[:, :200] = True
    changed = spoilt(ids, is_question)
    assert torch.equal(changed[:, 0], ids[:, 0])
    assert float((changed[:, 200:] != 77).float().mean()) == pytest.approx(SPOILT, abs=0.01)
    assert float((changed[:, 1:200] != 77).float().mean()) == pytest.approx(SPOILT_OF_QUESTION, abs=0.01)
    assert set(changed[changed != 77].tolist()) <= {0, MASK, *range(len(SPECIAL_TOKENS), 78)}


def _text(tokenizer: Tokenizer, one: Feature, first: int = 0, last: int | None = None) -> str:
    ids = one.ids[first:] if last is None else one.ids[first : last + 1]
    return str(tokenizer.decode(list(ids), skip_special_tokens=False))


def _tagged(tokenizer: Tokenizer, one: Feature, fact: int) -> str:
    return str(tokenizer.decode([id for id, of in zip(one.ids[one.context :], one.facts, strict=False) if of == fact]))
