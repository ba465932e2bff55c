"""Changes of tokens in training alone, so that the model relies on no single token and no one form of a word."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

import torch
from tokenizers import Tokenizer
from torch import Tensor

from zoo.becas.features import LONGEST, Feature
from zoo.becas.model import MASK, SPECIAL_TOKENS
from zoo.draws import Draws

SPOILT = 0.06
SPOILT_OF_QUESTION = 0.12
UNMERGED = 0.1

Parts = Mapping[int, tuple[int, int]]


def parts_of(tokenizer: Tokenizer) -> Parts:
    """The two tokens that each token was merged from."""
    model = json.loads(tokenizer.to_str())["model"]
    ids = model["vocab"]
    return {ids[left + right]: (ids[left], ids[right]) for left, right in model["merges"]}


def unmerged(one: Feature, parts: Parts, draws: Draws) -> Feature:
    """The same text in shorter tokens here and there, as another form of a word would have it (BPE dropout, Provilkov
    et al. 2020). `offsets` are those from before: training does not use them.
    """
    pieces = [list(_pieces(token, parts, draws)) for token in one.ids]
    places = list(itertools.accumulate(map(len, pieces), initial=0))
    if places[-1] > LONGEST:
        return one
    return replace(
        one,
        ids=tuple(token for found in pieces for token in found),
        context=places[one.context],
        start=places[one.start],
        end=places[one.end + 1] - 1,
        facts=tuple(fact for fact, found in zip(one.facts, pieces[one.context :], strict=False) for _ in found),
    )


def _pieces(token: int, parts: Parts, draws: Draws) -> Iterator[int]:
    if token in parts and draws.chance(UNMERGED):
        for part in parts[token]:
            yield from _pieces(part, parts, draws)
    else:
        yield token


def spoilt(ids: Tensor, is_question: Tensor) -> Tensor:
    """Some tokens masked or exchanged, of the question twice as many."""
    share = torch.where(is_question, SPOILT_OF_QUESTION, SPOILT)
    is_spoilt = (torch.rand(ids.shape) < share) & (ids >= len(SPECIAL_TOKENS))
    other = torch.randint_like(ids, len(SPECIAL_TOKENS), int(ids.max()) + 1)
    return torch.where(is_spoilt, torch.where(torch.rand(ids.shape) < 0.5, MASK, other), ids)
