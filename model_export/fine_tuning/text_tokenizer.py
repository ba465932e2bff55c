"""Tokens of texts, made by a tokenizer or read from the cache of an earlier run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from functions.predictors.question_answering.windows import TokenizedText
from functions.predictors.tokenizer import open_tokenizer

TEXTS_AT_ONCE = 1000
"""Texts of one call: enough for all cores, and few encodings of the tokenizer in memory at once."""


@dataclass(frozen=True, slots=True)
class TextTokenizer:
    """`tokenizer` is a tokenizer.json; the names of special tokens in a text are read as text, as when serving.

    With a `cache` the tokens are read from that folder, and written to it if they are not there yet.
    """

    tokenizer: bytes
    in_parallel: bool = True
    cache: Path | None = None

    def opened(self) -> Tokenizer:
        return open_tokenizer(self.tokenizer)

    def tokens(self, texts: Iterable[str]) -> dict[str, TokenizedText]:
        """Tokens by text, each different text once, in the order of the texts."""
        different = list(dict.fromkeys(texts))
        if self.cache is None:
            return self._made(different)
        path = self.cache / f"{self._digest(different)}.npz"
        tokens = _read(path, different)
        if tokens is None:
            tokens = self._made(different)
            _write(path, list(tokens.values()))
        return tokens

    def _made(self, texts: Sequence[str]) -> dict[str, TokenizedText]:
        tokenizer = self.opened()
        tokens: dict[str, TokenizedText] = {}
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            some = texts[start : start + TEXTS_AT_ONCE]
            if self.in_parallel:
                encodings = tokenizer.encode_batch(some, add_special_tokens=False)
            else:
                encodings = [tokenizer.encode(text, add_special_tokens=False) for text in some]
            tokens |= {text: TokenizedText.of(encoding) for text, encoding in zip(some, encodings, strict=True)}
        return tokens

    def _digest(self, texts: Sequence[str]) -> str:
        return hashlib.sha256(self.tokenizer + json.dumps(texts).encode()).hexdigest()[:32]


def _write(path: Path, tokens: Sequence[TokenizedText]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    joined: dict[str, Any] = {
        one.name: np.concatenate([getattr(text, one.name) for text in tokens]) for one in fields(TokenizedText)
    }
    # numpy adds .npz to any other name; renamed at the end, so that a killed run leaves no half cache.
    partial = path.with_name(f"{path.stem}.partial.npz")
    np.savez(partial, ends=np.cumsum([len(one.ids) for one in tokens]), **joined)
    partial.replace(path)


def _read(path: Path, texts: Sequence[str]) -> dict[str, TokenizedText] | None:
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as file:
        cuts = file["ends"][:-1]
        parts = [np.split(file[one.name], cuts) for one in fields(TokenizedText)]
    return {text: TokenizedText(*arrays) for text, *arrays in zip(texts, *parts, strict=True)}
