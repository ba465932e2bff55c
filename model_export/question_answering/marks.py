"""Marks of a tokenizer: the special tokens that it puts around a question and its context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerFast

from functions.core.errors import CheckpointError
from model_export.checkpoints.tokenization import TypedToken


@dataclass(frozen=True, slots=True)
class Marks:
    """The special tokens before, between and behind a question and a context, and the types of these two."""

    before: tuple[TypedToken, ...]
    between: tuple[TypedToken, ...]
    behind: tuple[TypedToken, ...]
    question_type: int
    context_type: int

    @property
    def count(self) -> int:
        return len(self.before) + len(self.between) + len(self.behind)

    def around(self, question: Sequence[int], context: Sequence[int]) -> list[TypedToken]:
        """The whole input for a question and a context of ids without marks."""
        return [
            *self.before,
            *((token, self.question_type) for token in question),
            *self.between,
            *((token, self.context_type) for token in context),
            *self.behind,
        ]


def marks_of(tokenizer: PreTrainedTokenizerFast) -> Marks:
    """The marks of a tokenizer; raises CheckpointError if it does not separate a question from its context."""
    encoded = tokenizer("a", "b", return_token_type_ids=True)
    texts = encoded.sequence_ids()
    tokens = list(zip(encoded["input_ids"], encoded["token_type_ids"], strict=True))
    question = [place for place, text in enumerate(texts) if text == 0]
    context = [place for place, text in enumerate(texts) if text == 1]
    marks = Marks(
        before=tuple(tokens[: question[0]]),
        between=tuple(tokens[question[-1] + 1 : context[0]]),
        behind=tuple(tokens[context[-1] + 1 :]),
        question_type=tokens[question[0]][1],
        context_type=tokens[context[0]][1],
    )
    if not marks.before or tokenizer.sep_token_id not in [identity for identity, _ in marks.between]:
        raise CheckpointError(
            "the tokenizer puts no separators around a question and a context: "
            "save it again with the post-processor of its family"
        )
    return marks
