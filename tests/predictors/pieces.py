"""Pieces of words for tokenizers of tests, the same in every run.

The trainers of `tokenizers` for WordPiece and Unigram choose among equals by the order of a hash table, so that each
run would have another tokenizer, and with it another model.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from tokenizers import Tokenizer

LONGEST = 12


def words_of(tokenizer: Tokenizer, texts: Iterable[str]) -> Counter[str]:
    """Words of the texts with their number, as the tokenizer normalizes and splits them."""
    found: Counter[str] = Counter()
    for text in texts:
        normal = tokenizer.normalizer.normalize_str(text) if tokenizer.normalizer else text
        found.update(word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normal))
    return found


def word_pieces(words: Counter[str], special: Iterable[str], size: int) -> dict[str, int]:
    """Ids of the pieces of a WordPiece: every character at both places, then what shortens the texts most."""
    singles, longer = set[str](), Counter[str]()
    for word, count in words.items():
        for start, end in _places(word):
            piece = word[start:end] if start == 0 else f"##{word[start:end]}"
            if end - start == 1:
                singles.add(piece)
            else:
                longer[piece] += count * (end - start - 1)
    best = sorted(longer, key=lambda piece: (-longer[piece], piece))
    pieces = [*special, *sorted(singles), *best]
    return {piece: number for number, piece in enumerate(pieces[:size])}


def unigrams(words: Counter[str], special: Iterable[str], size: int) -> list[tuple[str, float]]:
    """Pieces of a Unigram with the logarithm of how often each occurs; every character is one."""
    counts: Counter[str] = Counter()
    for word, count in words.items():
        for start, end in _places(word):
            counts[word[start:end]] += count
    total = sum(counts.values())
    singles = sorted(piece for piece in counts if len(piece) == 1)
    longer = [piece for piece in counts if len(piece) > 1]
    best = sorted(longer, key=lambda piece: (-counts[piece] * (len(piece) - 1), piece))
    scored = [(piece, math.log(counts[piece] / total)) for piece in [*singles, *best]]
    return [*((piece, 0.0) for piece in special), *scored][:size]


def _places(word: str) -> Iterable[tuple[int, int]]:
    """Starts and ends of the parts of a word that are not too long."""
    for start in range(len(word)):
        for end in range(start + 1, min(start + LONGEST, len(word)) + 1):
            yield start, end
