"""A question about a page with its answers, as a person or a served model sees it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from zoo.becas.corpus import pages

PAGES = 50
QUESTIONS_A_PAGE = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """`answers` stand on the page, each as good as the others; there are none where it does not tell."""

    question: str
    page: str
    answers: tuple[str, ...]


def invented(split: str, seed: int) -> Iterator[Asked]:
    """Questions about whole pages of a split of the corpus."""
    for one in itertools.islice(pages(seed, split, questions=QUESTIONS_A_PAGE), PAGES):
        text = one.page.text
        for question in one.questions:
            yield Asked(question.text, text, (text[slice(*question.span)],) if question.span else ())
