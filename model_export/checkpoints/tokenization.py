"""Tokenizer of a checkpoint: the tokenizer.json that serves, which numbers texts as transformers does."""

from __future__ import annotations

import json

from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from functions.core.errors import CheckpointError, ParityError

TypedToken = tuple[int, int]
"""A token's id and its type, 0 or 1."""

# Spaces, line ends, joined emoji, combining accents, other scripts, one long word: here tokenizers differ first.
PAIRS = (
    ("¿Cuál es el plazo?", "El plazo de solicitud termina el 30 de septiembre de 2026."),
    ("¿Quién  paga?", "Paga\r\nla universidad — o, si no, «el ministerio» 🎓👩🏽‍🎓.\tFin"),
    ("What is it?", "Une bourse d'étude: 1.234,56 €; naïve cafe\u0301, 奨学金, a" + "a" * 60),
)


def _without_specials(body: str) -> str:
    """A tokenizer.json in which no text can have the number of a special token that is one of its pieces.

    A Unigram finds `</s>` in a text like every other piece. With a space in it a piece is never found, because there is
    none in a text by then; the scores of all other pieces, and the numbers around a pair, stay as they are.
    """
    document = json.loads(body)
    if document["model"]["type"] != "Unigram":
        return body
    special = {token["content"] for token in document["added_tokens"] if token["special"]}
    vocabulary = document["model"]["vocab"]
    hidden = {piece for piece, _ in vocabulary if piece in special}
    document["model"]["vocab"] = [[f"{piece} " if piece in hidden else piece, score] for piece, score in vocabulary]
    document["added_tokens"] = [token for token in document["added_tokens"] if token["content"] not in hidden]
    return json.dumps(document)


def served_tokenizer(tokenizer: PreTrainedTokenizerFast) -> bytes:
    """tokenizer.json without truncation and padding.

    Raises CheckpointError for a tokenizer with code of its own, ParityError if the ids differ from transformers'.
    """
    try:
        served = Tokenizer.from_str(_without_specials(tokenizer.backend_tokenizer.to_str()))
    except Exception as error:  # tokenizers raises no narrower class
        raise CheckpointError(
            f"{type(tokenizer).__name__} cannot be written as a tokenizer.json, which serving needs: {error}"
        ) from error
    # A checkpoint keeps the truncation and padding of its training; serving cuts windows itself.
    served.no_truncation()
    served.no_padding()
    for question, context in PAIRS:
        expected = tokenizer(question, context)["input_ids"]
        ids = served.encode(question, context).ids
        if ids != expected:
            raise ParityError(f"tokenizer.json makes {ids} of {question!r} and its context, transformers {expected}")
    return str(served.to_str()).encode()
