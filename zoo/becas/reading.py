"""Questions about texts: of SQuAD in Spanish, and of invented pages."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from zoo.becas.corpus import asked_page
from zoo.becas.pages import FULL, Shape
from zoo.draws import Draws

SPLIT = "train"
RIGHT = "correct answer"
HELD_OUT = 150
QUESTIONS_A_PAGE = 4
ALONE = 0.4
"""Share of the paragraphs that are read without their neighbours."""
NEIGHBOURS = 3


@dataclass(frozen=True, slots=True)
class Example:
    """A question about a text; `span` holds the characters [start, end) of the answer, None where there is none."""

    question: str
    text: str
    span: tuple[int, int] | None


def read_squad(path: Path) -> list[Example]:
    """The questions of a JSON file, which may be packed with xz.

    It is SQuAD v1 or v2, the list of its paragraphs that Simple Transformers takes, or questions with `choices` under
    `data`, as SQuAD-es-dist has them.
    """
    body = lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
    document = json.loads(body)
    items = document["data"] if isinstance(document, dict) else document
    return [example for item in items for example in _examples(item)]


def _examples(item: dict[str, Any]) -> Iterator[Example]:
    if "paragraphs" in item:
        for paragraph in item["paragraphs"]:
            yield from _examples(paragraph)
        return
    text = item["context"]
    if "qas" not in item:
        (right,) = (one for one in item["choices"] if one["type"] == RIGHT)
        yield Example(item["question"], text, (right["start"], right["start"] + len(right["text"])))
        return
    for asked in item["qas"]:
        if asked.get("is_impossible", False):
            yield Example(asked["question"], text, None)
            continue
        # The translation lost some answers: they are empty.
        answer = next((one for one in asked["answers"] if one["text"]), None)
        if answer is not None:
            start = answer["answer_start"]
            yield Example(asked["question"], text, (start, start + len(answer["text"])))


def held_out_of(examples: Sequence[Example]) -> list[Example]:
    """The last examples, which measure."""
    return list(examples[-HELD_OUT:])


def learnt_of(files: Iterable[Sequence[Example]], held_out: Iterable[Example]) -> list[Example]:
    """Every question of the files once, but for those about a text that measures."""
    measuring = {one.text for one in held_out}
    found: dict[tuple[str, str], Example] = {}
    for examples in files:
        for one in examples:
            if one.text not in measuring:
                found.setdefault((one.question, one.text), one)
    return list(found.values())


def among_neighbours(examples: Sequence[Example], draws: Draws) -> list[Example]:
    """The examples, most of them with the paragraphs around theirs, in the order of the file."""
    texts = list(dict.fromkeys(one.text for one in examples))
    places = {text: place for place, text in enumerate(texts)}
    return [_widened(one, texts, places[one.text], draws) for one in examples]


def _widened(one: Example, texts: Sequence[str], place: int, draws: Draws) -> Example:
    if draws.chance(ALONE):
        return one
    before = texts[max(0, place - draws.whole(0, NEIGHBOURS)) : place]
    after = texts[place + 1 : place + 1 + draws.whole(0, NEIGHBOURS)]
    shift = sum(len(text) + 1 for text in before)
    span = None if one.span is None else (one.span[0] + shift, one.span[1] + shift)
    return replace(one, text="\n".join([*before, one.text, *after]), span=span)


def invented_examples(
    seed: int, numbers: Iterable[int], *, unanswerable: float, shapes: Sequence[Shape] = (FULL,)
) -> Iterator[Example]:
    """Questions about the invented pages of these numbers, which have the shapes in turn."""
    for number in numbers:
        shape = shapes[number % len(shapes)]
        asked = asked_page(seed, SPLIT, number, shape=shape, questions=QUESTIONS_A_PAGE, unanswerable=unanswerable)
        for question in asked.questions:
            yield Example(question.text, asked.page.text, question.span)
