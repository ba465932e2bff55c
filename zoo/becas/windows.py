"""Windows of tokens over a text, cut as the product cuts them, and batches of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor

from functions.predictors.question_answering.windows import Frame, cut
from zoo.becas.reading import Example
from zoo.draws import Draws

LENGTH = 384
STRIDE = 128
LONGEST_QUESTION = 64
PAD = 1
SPREAD = 24
"""Tokens by which the windows of a batch may differ for the sake of another order in each round."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """A window: `ids` with the context's tokens at `context`; the answer's first and last token, 0 for none."""

    ids: tuple[int, ...]
    context: tuple[int, int]
    start: int = 0
    end: int = 0


def windows_of(tokenizer: Tokenizer, example: Example, length: int = LENGTH) -> Iterator[Learnt]:
    """All windows of a text; one that does not hold the whole answer has none."""
    frame = Frame.of(tokenizer)
    before, between, after = (part.tolist() for part in frame.ids)
    question = tokenizer.encode(example.question, add_special_tokens=False).ids[:LONGEST_QUESTION]
    head = [*before, *question, *between]
    coded = tokenizer.encode(example.text, add_special_tokens=False)
    answer = answer_tokens(coded.offsets, example.span)
    for part in cut(len(coded.ids), length - len(head) - len(after), STRIDE):
        ids = (*head, *coded.ids[part], *after)
        context = (len(head), len(ids) - len(after))
        if answer is not None and part.start <= answer[0] and answer[1] < part.stop:
            shift = len(head) - part.start
            yield Learnt(ids, context, answer[0] + shift, answer[1] + shift)
        else:
            yield Learnt(ids, context)


def answer_tokens(offsets: Sequence[tuple[int, int]], span: tuple[int, int] | None) -> tuple[int, int] | None:
    """The first and the last token that the characters of an answer touch."""
    if span is None:
        return None
    touched = [n for n, (start, end) in enumerate(offsets) if start < span[1] and end > span[0]]
    return (touched[0], touched[-1]) if touched else None


def batches(rows: Sequence[Learnt], most_tokens: int, draws: Draws) -> list[list[Learnt]]:
    """Windows of about one length in each batch, of at most `most_tokens` with their padding; batches in any order."""
    ordered = sorted(rows, key=lambda row: len(row.ids) + draws.whole(0, SPREAD))
    found: list[list[Learnt]] = [[]]
    for row in ordered:
        widest = max(len(one.ids) for one in [*found[-1], row])
        if found[-1] and widest * (len(found[-1]) + 1) > most_tokens:
            found.append([])
        found[-1].append(row)
    return draws.shuffled(found)


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows padded to one length [batch, sequence]; `barred` is where no answer may begin or end."""

    ids: Tensor
    is_token: Tensor
    barred: Tensor
    start: Tensor
    end: Tensor


def collate(rows: Sequence[Learnt]) -> Batch:
    """An answer may begin and end in the context; the first token means that there is none."""
    shape = (len(rows), max(len(row.ids) for row in rows))
    ids = torch.full(shape, PAD)
    is_token = torch.zeros(shape, dtype=torch.long)
    barred = torch.ones(shape, dtype=torch.bool)
    for place, row in enumerate(rows):
        ids[place, : len(row.ids)] = torch.tensor(row.ids)
        is_token[place, : len(row.ids)] = 1
        barred[place, slice(*row.context)] = False
    barred[:, 0] = False
    return Batch(
        ids, is_token, barred, torch.tensor([row.start for row in rows]), torch.tensor([row.end for row in rows])
    )
