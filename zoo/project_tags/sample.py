"""Invented machine-learning projects, in English and Spanish: models/project-tags/sample.csv."""

from __future__ import annotations

from collections.abc import Iterator

from zoo.csv_file import run
from zoo.draws import Draws
from zoo.project_tags.words import ENGLISH, SPANISH

ROWS = 820
SEED = 20240611
HEADER = ("text", "tag")
TAGS = {"computer-vision": 0.36, "natural-language-processing": 0.36, "other": 0.18, "mlops": 0.1}
IN_SPANISH = 0.45
STRAYED = 0.25
"""The share of projects that use a tool of any field."""
VAGUE = 0.06
"""The share of projects that do not say what they are about."""


def rows() -> Iterator[list[str]]:
    """The projects, each in the order of HEADER; some are alike, as in the wild."""
    draws = Draws(SEED)
    for _ in range(ROWS):
        tag = draws.weighted(TAGS)
        yield [project(draws, tag), tag]


def project(draws: Draws, tag: str) -> str:
    language = SPANISH if draws.chance(IN_SPANISH) else ENGLISH
    task = draws.one_of(language.vague if draws.chance(VAGUE) else language.tasks[tag])
    tool = draws.one_of(language.tools[draws.one_of(sorted(TAGS)) if draws.chance(STRAYED) else tag])
    return draws.one_of(language.templates).format(
        task=task, Task=capital(task), tool=tool, Tool=capital(tool), place=draws.one_of(language.places)
    )


def capital(text: str) -> str:
    """With a capital letter first, the others as they are."""
    return text[:1].upper() + text[1:]


if __name__ == "__main__":
    run("project-tags", header=HEADER, rows=rows())
