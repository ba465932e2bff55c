"""The tokenizer of multilingual-e5-small with the pieces alone that Spanish pages need."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tokenizers import Tokenizer

SPACE = "▁"
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
"""In the order of their ids, which stay as they are."""
LAST_LATIN = 0x17F
LAST_SIGN = 0x26FF
CHUNK = 2000
# The original cuts at spaces alone. Its words hold the full stop behind them, and answers, which are whole words, would
# too. Here punctuation at either end of a word is a word, and what is inside one (6,600; 16/03/2019) is a part of it.
WORDS: dict[str, Any] = {
    "type": "Sequence",
    "pretokenizers": [
        {"type": "WhitespaceSplit"},
        {"type": "Metaspace", "replacement": SPACE, "prepend_scheme": "always", "split": True},
        {
            "type": "Split",
            "pattern": {"Regex": rf"^{SPACE}[\p{{P}}$€]|\p{{P}}(?=\p{{P}}*$)"},
            "behavior": "Isolated",
            "invert": False,
        },
    ],
}


Document = Mapping[str, Any]
"""The content of a tokenizer.json."""


@dataclass(frozen=True, slots=True)
class Trimmed:
    """A tokenizer as JSON, and for each of its pieces the row of the original's embeddings."""

    tokenizer: str
    rows: list[int]


def pieces_of(document: Document) -> list[str]:
    """The pieces in the order of their ids."""
    return [piece for piece, _ in document["model"]["vocab"]]


def trimmed(original: Document, texts: Iterable[str]) -> Trimmed:
    """Keep the pieces that occur in the texts, and single characters, so that nothing on a Spanish page is unknown.

    Scores stay, so that texts of kept pieces are cut as before.
    """
    spaced = {**original, "pre_tokenizer": WORDS}
    used = _used(Tokenizer.from_str(json.dumps(spaced)), texts)
    rows = [
        row for row, piece in enumerate(pieces_of(original)) if row in used or piece in SPECIAL or _is_common(piece)
    ]
    scored = original["model"]["vocab"]
    document = {
        **spaced,
        "model": {**original["model"], "vocab": [scored[row] for row in rows]},
        "added_tokens": [token for token in original["added_tokens"] if token["content"] in SPECIAL],
    }
    if tuple(pieces_of(document)[: len(SPECIAL)]) != SPECIAL:
        raise ValueError(f"the tokenizer does not begin with {', '.join(SPECIAL)}: it is not that of the model")
    return Trimmed(json.dumps(document, ensure_ascii=False), rows)


def _used(tokenizer: Tokenizer, texts: Iterable[str]) -> Collection[int]:
    counts: Counter[int] = Counter()
    ordered = sorted(set(texts))
    for start in range(0, len(ordered), CHUNK):
        for encoding in tokenizer.encode_batch(ordered[start : start + CHUNK], add_special_tokens=False):
            counts.update(encoding.ids)
    return counts


def _is_common(piece: str) -> bool:
    """A single character that Spanish pages may hold: of Latin or Greek letters, digits, punctuation and signs."""
    character = piece.removeprefix(SPACE)
    if len(character) != 1:
        return piece == SPACE
    if unicodedata.category(character).startswith("L"):
        return ord(character) <= LAST_LATIN or unicodedata.name(character, "").startswith("GREEK")
    return ord(character) <= LAST_SIGN
