"""Questions are read from both forms of SQuAD, and their answers stay where the text has them."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

from zoo.becas.reading import HELD_OUT, Example, among_neighbours, held_out_of, invented_examples, learnt_of, read_squad
from zoo.draws import Draws
from zoo.tests.becas.tiny_base import write_squad


def test_a_packed_list_of_paragraphs_is_read(tmp_path: Path) -> None:
    write_squad(tmp_path / "squad.json")
    (tmp_path / "squad.json.xz").write_bytes(lzma.compress((tmp_path / "squad.json").read_bytes()))
    found = read_squad(tmp_path / "squad.json.xz")
    assert [_answer(one) for one in found] == ["900 pesos", "estudiantes de Oaxaca", None]
    assert found == read_squad(tmp_path / "squad.json")


def test_squad_itself_is_read(tmp_path: Path) -> None:
    write_squad(tmp_path / "list.json")
    paragraphs = json.loads((tmp_path / "list.json").read_text("utf-8"))
    (tmp_path / "squad.json").write_text(json.dumps({"data": [{"title": "t", "paragraphs": paragraphs}]}), "utf-8")
    assert read_squad(tmp_path / "squad.json") == read_squad(tmp_path / "list.json")


def test_of_several_choices_the_right_one_is_the_answer(tmp_path: Path) -> None:
    choices = [
        {"text": "Oaxaca", "start": 3, "type": "distractor"},
        {"text": "Puebla", "start": 12, "type": "correct answer"},
    ]
    item = {"context": "De Oaxaca a Puebla.", "question": "¿A dónde?", "choices": choices}
    (tmp_path / "choices.json").write_text(json.dumps({"data": [item]}), "utf-8")
    assert [_answer(one) for one in read_squad(tmp_path / "choices.json")] == ["Puebla"]


def test_the_answer_of_squad_1_is_the_first_that_the_translation_kept(tmp_path: Path) -> None:
    lost, kept = {"text": "", "answer_start": -1}, {"text": "Puebla", "answer_start": 2}
    asked = [{"question": "¿A dónde?", "answers": [lost, kept]}, {"question": "¿De dónde?", "answers": [lost]}]
    (tmp_path / "squad.json").write_text(json.dumps([{"context": "A Puebla.", "qas": asked}]), "utf-8")
    assert [_answer(one) for one in read_squad(tmp_path / "squad.json")] == ["Puebla"]


def test_no_text_of_the_questions_held_out_is_learned_from_whatever_file_has_it() -> None:
    first = [Example(str(number), f"text {number // 2}", None) for number in range(HELD_OUT + 4)]
    second = [Example("again", "text 0", None), Example("0", "text 0", None), Example("again", first[-1].text, None)]
    held_out = held_out_of(first)
    assert [one.question for one in held_out] == [one.question for one in first[4:]]
    assert [one.question for one in learnt_of([first, second], held_out)] == ["0", "1", "2", "3", "again"]


def test_an_answer_moves_with_its_paragraph_among_the_neighbours() -> None:
    examples = [Example("¿Qué?", f"Aquí está el {number}.", (13, 14)) for number in range(8)]
    widened = among_neighbours(examples, Draws(1))
    assert [_answer(one) for one in widened] == [str(number) for number in range(8)]
    assert any(one.text.count("\n") > 1 for one in widened)
    assert any(one == other for one, other in zip(widened, examples, strict=True))


def test_invented_pages_state_their_answers() -> None:
    found = list(invented_examples(1, range(3, 9), unanswerable=0.3))
    assert len({one.text for one in found}) == 6
    assert any(one.span is None for one in found)
    assert found[:1] == list(invented_examples(1, [3], unanswerable=0.3))[:1]


def _answer(one: Example) -> str | None:
    return None if one.span is None else one.text[slice(*one.span)]
