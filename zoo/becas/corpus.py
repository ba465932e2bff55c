"""Pages and questions without end, and as a SQuAD v2 file:

python -m zoo.becas.corpus --pages 200 --seed 1 --split unseen --out unseen.json
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


def squad(pages: Sequence[AskedPage], name: str) -> dict[str, Any]:
    """The pages in the form of SQuAD v2."""
    return {
        "version": "v2.0",
        "data": [
            {"title": f"{name}-{number}", "paragraphs": [_paragraph(one, f"{name}-{number}")]}
            for number, one in enumerate(pages)
        ],
    }


def _paragraph(one: AskedPage, name: str) -> dict[str, Any]:
    return {
        "context": one.page.text,
        "qas": [_question(one.page.text, question, f"{name}-{n}") for n, question in enumerate(one.questions)],
    }


def _question(text: str, question: Question, name: str) -> dict[str, Any]:
    answers = [{"text": text[slice(*question.span)], "answer_start": question.span[0]}] if question.span else []
    return {"id": name, "question": question.text, "answers": answers, "is_impossible": not answers}


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Write generated scholarship pages and questions as SQuAD v2.")
    parser.add_argument("--pages", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--split", choices=SPLITS, default="train")
    parser.add_argument("--questions", type=int, default=4, help="at most, a page (default 4)")
    parser.add_argument(
        "--unanswerable", type=float, default=UNANSWERABLE, help="share of the questions (default 0.25)"
    )
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(arguments)
    stream = pages(given.seed, given.split, questions=given.questions, unanswerable=given.unanswerable)
    written = squad(list(itertools.islice(stream, given.pages)), f"{given.split}-{given.seed}")
    given.out.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
