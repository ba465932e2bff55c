"""The tokenizer of a version, and the most text that one request may have for it."""

from __future__ import annotations

from collections.abc import Sequence

from tokenizers import Tokenizer

from functions.core.definition import Limits
from functions.core.errors import DamagedVersionError, TooLargeError
from functions.core.tasks import TOKENIZER

PROBE = "a"
"""A text that every tokenizer knows; with it the special tokens around a text or a pair are found."""
CHARACTERS_A_TOKEN = 16
"""More than prose has: longer texts cannot fit the tokens allowed, and are refused before they are tokenized."""
NO_CHARACTER = "holds half of a surrogate pair, which is no character"
"""The reason why a text cannot be tokenized, which is a TypeError of tokenizers: UTF-8 cannot hold it."""


def open_tokenizer(body: bytes) -> Tokenizer:
    """Open a tokenizer.json, so that names of special tokens in a text are read as text.

    Raises DamagedVersionError for bytes that are no tokenizer.
    """
    try:
        tokenizer = Tokenizer.from_buffer(body)
    except Exception as error:  # tokenizers raises no narrower class
        raise DamagedVersionError(f"{TOKENIZER} cannot be read: {error}") from error
    # windows are cut here, so that a question and its context can be tokenized once for all of them
    tokenizer.no_truncation()
    tokenizer.no_padding()
    # else "</s>" in a text would become the token that ends a sequence
    tokenizer.encode_special_tokens = True
    return tokenizer


def refuse_characters(texts: Sequence[str], limits: Limits) -> None:
    """Raise TooLargeError for texts that cannot fit the tokens of one request."""
    characters, limit = sum(map(len, texts)), limits.max_tokens * CHARACTERS_A_TOKEN
    if characters > limit:
        raise TooLargeError(
            f"{characters} characters are more than {limit}, {CHARACTERS_A_TOKEN} for each of the "
            f"{limits.max_tokens} tokens of one request: send less text at once"
        )
