"""A checkpoint is measured on texts of any length, which a server would refuse."""

from __future__ import annotations

from functions.core.definition import Limits
from model_export.checkpoints.measuring import ANY_LENGTH


def test_only_the_length_of_texts_differs_from_serving() -> None:
    assert ANY_LENGTH.max_tokens > 1000 * Limits().max_tokens
    assert Limits(max_tokens=ANY_LENGTH.max_tokens) == ANY_LENGTH
