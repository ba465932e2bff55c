"""The material that the model learns from: invented pages, from a few facts to whole ones, in batches of one length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tokenizers import Tokenizer

from zoo.becas.corpus import AskedPage, pages
from zoo.becas.facts import facts
from zoo.becas.features import NO_FACT, Feature, feature
from zoo.becas.pages import FULL, Shape
from zoo.becas.spoiling import parts_of, unmerged
from zoo.draws import Draws

QUESTIONS_A_PAGE = 3
BATCH_TOKENS = 7_000
POOL = 8
STRANGE_VALUES = 0.15
UNANSWERABLE = 0.18
"""Fewer than the corpus asks by itself: a model that is unsure should rather answer."""
SHAPES = (
    Shape(facts=(1, 4), words=(15, 60), strange_values=STRANGE_VALUES),
    Shape(facts=(4, 10), words=(60, 180), strange_values=STRANGE_VALUES),
    Shape(facts=(8, 18), words=(120, 350), strange_values=STRANGE_VALUES),
    replace(FULL, strange_values=STRANGE_VALUES),
)
# Short texts teach the wording fastest: a batch holds many more questions.
CURRICULUM = (
    (0.35, (1.0, 0.0, 0.0, 0.0)),
    (0.55, (0.5, 0.5, 0.0, 0.0)),
    (0.70, (0.25, 0.4, 0.35, 0.0)),
    (0.85, (0.15, 0.25, 0.3, 0.3)),
    (1.01, (0.1, 0.15, 0.25, 0.5)),
)
"""Until which share of the training is over, how often a batch has each of the shapes."""


class Lessons:
    """Batches for one process, without end, of a split of the corpus; the same for the same seed."""

    def __init__(self, tokenizer: Tokenizer, split: str, seed: int, draws: Draws) -> None:
        self._draws = draws
        self._sources = [batches(tokenizer, _pages(split, seed, shape), draws) for shape in SHAPES]

    def next(self, over: float) -> list[Feature]:
        """The next batch; `over` is the share of the training that is over."""
        shares = next(shares for until, shares in CURRICULUM if over < until)
        return next(self._sources[self._draws.weighted(dict(enumerate(shares)))])


def batches(tokenizer: Tokenizer, asked: Iterator[AskedPage], draws: Draws) -> Iterator[list[Feature]]:
    """Questions about pages, of about one length in each batch, and of at most BATCH_TOKENS with their padding.

    Without end, in any order of lengths: a page is so long as another at most POOL batches away.
    """
    parts = parts_of(tokenizer)
    while True:
        pool: list[Feature] = []
        while sum(len(one.ids) for one in pool) < POOL * BATCH_TOKENS:
            pool += [unmerged(one, parts, draws) for one in features(tokenizer, next(asked))]
        yield from draws.shuffled(_by_length(pool))


def features(tokenizer: Tokenizer, asked: AskedPage) -> list[Feature]:
    """One for each question of the page; facts are numbered in their order, from 1."""
    numbers = {name: number for number, name in enumerate(facts(), start=1)}
    spans = {numbers[name]: span for name, span in asked.page.spans.items()}
    return [
        feature(tokenizer, one.text, asked.page.text, spans, NO_FACT if one.fact is None else numbers[one.fact])
        for one in asked.questions
    ]


def _pages(split: str, seed: int, shape: Shape) -> Iterator[AskedPage]:
    return pages(seed, split, shape=shape, questions=QUESTIONS_A_PAGE, unanswerable=UNANSWERABLE)


def _by_length(pool: Sequence[Feature]) -> list[list[Feature]]:
    found: list[list[Feature]] = [[]]
    for one in sorted(pool, key=lambda feature: len(feature.ids)):
        if len(one.ids) * (len(found[-1]) + 1) > BATCH_TOKENS:
            found.append([])
        found[-1].append(one)
    return found
