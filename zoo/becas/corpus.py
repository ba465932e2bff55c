"""Invented pages and questions without end."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from zoo.becas.facts import Kept
from zoo.becas.pages import FULL, Page, Shape, write_page
from zoo.becas.questions import Question, ask
from zoo.draws import Draws

UNANSWERABLE = 0.25


@dataclass(frozen=True, slots=True)
class Split:
    """The wording that statements, questions, and values in words are of."""

    statements: Kept = "known"
    questions: Kept = "known"
    values: Kept = "known"


SPLITS = {
    "train": Split(),
    "seen": Split(),
    "unseen-statements": Split(statements="held_out"),
    "unseen-questions": Split(questions="held_out"),
    "unseen": Split(statements="held_out", questions="held_out"),
    "unseen-values": Split(statements="held_out", questions="held_out", values="held_out"),
}
"""No page is of two splits, nor of two seeds: the name and the seed are part of what it is drawn from."""


@dataclass(frozen=True, slots=True)
class AskedPage:
    page: Page
    questions: tuple[Question, ...]


def pages(
    seed: int, split: str, *, shape: Shape = FULL, questions: int = 4, unanswerable: float = UNANSWERABLE
) -> Iterator[AskedPage]:
    """Pages without end, the same for the same arguments; each is drawn on its own, so they may be skipped."""
    return (
        asked_page(seed, split, number, shape=shape, questions=questions, unanswerable=unanswerable)
        for number in itertools.count()
    )


def asked_page(
    seed: int, split: str, number: int, *, shape: Shape = FULL, questions: int = 4, unanswerable: float = UNANSWERABLE
) -> AskedPage:
    """The page of that number, with at most so many questions."""
    wording = SPLITS[split]
    draws = Draws(_digest(f"{split} {seed} {number}"))
    page = write_page(draws, statements=wording.statements, values=wording.values, shape=shape)
    return AskedPage(page, ask(page, questions, draws, kept=wording.questions, unanswerable=unanswerable))


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
