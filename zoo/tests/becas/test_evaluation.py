"""The file for the gate of int8 holds the questions that measure, with the places of their answers."""

from __future__ import annotations

from pathlib import Path

from zoo.becas.asked import Asked
from zoo.becas.evaluation import main, squad
from zoo.becas.reading import read_squad
from zoo.becas.written import FILES, measuring_of


def test_the_written_pages_that_measure_are_read_back(tmp_path: Path) -> None:
    main(["--out", str(tmp_path / "evaluation.json")])
    asked = measuring_of(FILES)
    found = read_squad(tmp_path / "evaluation.json")
    assert [(one.question, one.text) for one in found] == [(one.question, one.page) for one in asked]
    assert [one.text[slice(*one.span)] if one.span else None for one in found] == [
        one.answers[0] if one.answers else None for one in asked
    ]


def test_questions_about_a_page_are_together_and_have_names_of_their_own(tmp_path: Path) -> None:
    asked = [
        Asked("¿Cuánto?", "Paga 5.", ("5",)),
        Asked("¿Quién?", "Otra.", ()),
        Asked("¿Qué?", "Paga 5.", ("Paga 5",)),
    ]
    (document,) = squad(asked)["data"]
    assert [len(one["qas"]) for one in document["paragraphs"]] == [2, 1]
    names = [one["id"] for paragraph in document["paragraphs"] for one in paragraph["qas"]]
    assert len(set(names)) == len(asked)
    assert [one["is_impossible"] for one in document["paragraphs"][1]["qas"]] == [True]
