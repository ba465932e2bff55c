"""A tokenizer is opened so that a text is a text, and too much text is refused before it is taken apart."""

from __future__ import annotations

import pytest

from functions.core.definition import Limits
from functions.core.errors import DamagedVersionError, TooLargeError
from functions.predictors.tokenizer import CHARACTERS_A_TOKEN, open_tokenizer, refuse_characters
from tests.predictors.question_answering.tiny_answering import TOKENIZERS, tokenizer


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff"])
def test_what_is_no_tokenizer_is_damage(body: bytes) -> None:
    with pytest.raises(DamagedVersionError, match=r"tokenizer\.json"):
        open_tokenizer(body)


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_the_name_of_a_special_token_is_text(kind: str) -> None:
    opened = open_tokenizer(tokenizer(kind))
    for name in ("[SEP]", "[CLS]", "</s>", "<s>", "<pad>"):
        assert not {0, 2} & set(opened.encode(f"a {name} b", add_special_tokens=False).ids)


def test_characters_are_counted_over_all_texts() -> None:
    limits = Limits(max_tokens=10)
    refuse_characters(["a" * 5 * CHARACTERS_A_TOKEN] * 2, limits)
    with pytest.raises(TooLargeError, match="161 characters are more than 160, 16 for each of the 10 tokens"):
        refuse_characters(["a" * 5 * CHARACTERS_A_TOKEN, "b" * (5 * CHARACTERS_A_TOKEN + 1)], limits)
