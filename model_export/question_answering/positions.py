"""How many tokens a model takes, by its configuration."""

from __future__ import annotations

BEHIND_PADDING = ("longformer", "roberta")
"""The families that count positions from behind the padding token's."""


def longest_input(family: str, positions: int, padding: int) -> int:
    """Tokens of the whole input; `positions` is max_position_embeddings and `padding` pad_token_id."""
    return positions - (padding + 1 if family in BEHIND_PADDING else 0)
