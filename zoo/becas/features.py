"""A page and a question as the tokens that the model reads, with what it should learn of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor

from zoo.becas.model import BOS, EOS, FIRST_POSITION, MAX_TOKENS, PAD, Batch
from zoo.draws import Draws

LONGEST_QUESTION = 64
LONGEST = 1900
NO_FACT = 0
IGNORED = -100


@dataclass(frozen=True, slots=True)
class Feature:
    """`ids` of a whole window; the context begins at token `context`, its `offsets` are in characters.

    `start` and `end` are the answer's first and last token, 0 where there is none; `facts` [tokens of the context]
    numbers the fact that each token is the value of; `asked` is the one that is asked.
    """

    ids: tuple[int, ...]
    context: int
    offsets: Sequence[tuple[int, int]]
    start: int
    end: int
    facts: tuple[int, ...]
    asked: int


@dataclass(frozen=True, slots=True)
class Targets:
    """The targets: the answer's tokens and the fact asked [batch], the fact of each token [batch, sequence]."""

    start: Tensor
    end: Tensor
    asked: Tensor
    facts: Tensor


def feature(
    tokenizer: Tokenizer,
    question: str,
    text: str,
    spans: Mapping[int, tuple[int, int]],
    asked: int,
) -> Feature:
    """`spans` are the characters of each fact's value by its number from 1; `asked` is one of them, or of a fact that
    the text lacks, or NO_FACT. What goes beyond the longest window is cut off.
    """
    head = [BOS, *tokenizer.encode(question, add_special_tokens=False).ids[:LONGEST_QUESTION], EOS, EOS]
    encoding = tokenizer.encode(text, add_special_tokens=False)
    room = LONGEST - len(head) - 1
    offsets = encoding.offsets[:room]
    starts, ends = [one[0] for one in offsets], [one[1] for one in offsets]
    facts = [NO_FACT] * len(offsets)
    start = end = 0
    for number, (first, after) in spans.items():
        left, right = bisect_right(ends, first), bisect_left(starts, after)
        facts[left:right] = [number] * (right - left)
        if number == asked and right > left:
            start, end = len(head) + left, len(head) + right - 1
    return Feature((*head, *encoding.ids[:room], EOS), len(head), offsets, start, end, tuple(facts), asked)


def collate(features: Sequence[Feature], draws: Draws | None = None) -> tuple[Batch, Targets]:
    """Features padded to one length. With `draws`, to train: contexts begin at any position."""
    length = -(-max(len(one.ids) for one in features) // 8) * 8
    shape = (len(features), length)
    ids = torch.full(shape, PAD)
    positions = torch.full(shape, PAD)
    is_global = torch.zeros(shape, dtype=torch.bool)
    facts = torch.full(shape, IGNORED)
    for row, one in enumerate(features):
        size = len(one.ids)
        ids[row, :size] = torch.tensor(one.ids)
        positions[row, :size] = torch.arange(size) + FIRST_POSITION
        is_global[row, : one.context - 2] = True
        facts[row, one.context : one.context + len(one.facts)] = torch.tensor(one.facts)
        if draws is not None and draws.chance(0.8):
            positions[row, one.context : size] += draws.whole(0, MAX_TOKENS - size - 1)
    is_token = ids != PAD
    targets = Targets(
        start=torch.tensor([one.start for one in features]),
        end=torch.tensor([one.end for one in features]),
        asked=torch.tensor([one.asked for one in features]),
        facts=facts,
    )
    return Batch(ids, positions, is_global, is_token), targets
