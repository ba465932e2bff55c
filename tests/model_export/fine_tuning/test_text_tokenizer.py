"""Texts as tokens, made at once, one by one, or read from a cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.model_export.checkpoints.tiny import TEXTS


@pytest.mark.parametrize("family", ["bert", "longformer"])
def test_the_tokens_are_the_same_however_they_are_made(
    family: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    from model_export.fine_tuning.text_tokenizer import TextTokenizer

    body = (request.getfixturevalue(family) / "tokenizer.json").read_bytes()
    texts = [*TEXTS, "", TEXTS[0], "\u200b"]
    together = TextTokenizer(body).tokens(texts)
    cache = tmp_path / "cache"
    others = (
        TextTokenizer(body, in_parallel=False),
        TextTokenizer(body, cache=cache),
        TextTokenizer(body, cache=cache),
    )
    for other in others:
        found = other.tokens(texts)
        assert list(found) == list(together) == list(dict.fromkeys(texts))
        for text, tokens in found.items():
            for name in ("ids", "offsets", "words"):
                assert getattr(tokens, name).tolist() == getattr(together[text], name).tolist()
    assert len(list(cache.iterdir())) == 1
    TextTokenizer(body, cache=cache).tokens(texts[:2])
    assert len(list(cache.iterdir())) == 2
