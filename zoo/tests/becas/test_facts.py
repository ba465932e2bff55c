"""The facts' files: complete, readable, and with wording held out that training never sees."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from zoo.becas.facts import FactError, Wording, facts, read_fact
from zoo.becas.filling import fill
from zoo.becas.setting import draw_setting
from zoo.becas.template import choose, plain, readings
from zoo.draws import Draws

STATEMENTS, QUESTIONS, HELD_OUT_STATEMENTS, HELD_OUT_QUESTIONS = 120, 140, 8, 12
TOO_NEAR = 0.75
"""The share of words in common from which two wordings are the same one."""
SAMPLES = 40


@pytest.mark.parametrize("name", facts())
def test_there_is_wording_enough(name: str) -> None:
    fact = facts()[name]
    assert len(fact.known.statements) >= STATEMENTS
    assert len(fact.known.questions) >= QUESTIONS
    assert len(fact.held_out.statements) >= HELD_OUT_STATEMENTS
    assert len(fact.held_out.questions) >= HELD_OUT_QUESTIONS


@pytest.mark.parametrize("name", facts())
@pytest.mark.parametrize("seed", range(3))
def test_every_template_expands(name: str, seed: int) -> None:
    draws = Draws(seed)
    setting = draw_setting(draws)
    for wording in (facts()[name].known, facts()[name].held_out):
        for template in (*wording.questions, *wording.statements, *wording.values):
            filled = fill(template, draws, setting, wording.values)
            assert filled.text
            assert not set("[]{}|~#") & set(filled.text.replace("#", "", 1)), filled.text
            assert (filled.end > filled.start) is ("{value}" in template)


@pytest.mark.parametrize("name", facts())
def test_wording_that_is_held_out_is_another(name: str) -> None:
    """No reading of a held-out template has more than a share of its words in common with one to train on."""
    fact = facts()[name]
    pairs = [
        (fact.held_out.statements, fact.known.statements),
        (fact.held_out.questions, fact.known.questions),
    ]
    near = [
        (held_out, known)
        for unseen, seen in pairs
        for held_out in _wordings(unseen)
        for known in _wordings(seen)
        if _likeness(held_out, known) > TOO_NEAR
    ]
    assert near == []


def test_no_held_out_question_is_one_to_train_on_of_another_fact() -> None:
    known = {wording for fact in facts().values() for wording in _wordings(fact.known.questions)}
    held_out = {wording for fact in facts().values() for wording in _wordings(fact.held_out.questions)}
    assert known & held_out == set()


def test_facts_are_asked_in_their_own_words() -> None:
    """A question that two facts share has no answer that could be learned."""
    owners: dict[str, set[str]] = {}
    for name, fact in facts().items():
        for wording in (*_wordings(fact.known.questions), *_wordings(fact.held_out.questions)):
            owners.setdefault(wording, set()).add(name)
    assert {wording: names for wording, names in owners.items() if len(names) > 1} == {}


def test_values_of_one_kind_are_stated_in_words_of_their_own() -> None:
    """Where the value itself does not tell, the words around it must."""
    owners: dict[tuple[object, str], set[str]] = {}
    for name, fact in facts().items():
        for wording in (*_wordings(fact.known.statements), *_wordings(fact.held_out.statements)):
            owners.setdefault((fact.known.values, wording), set()).add(name)
    assert {wording: names for (_, wording), names in owners.items() if len(names) > 1} == {}


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("value = 'money'\nvalues = ['a']", "give either value"),
        ("value = 'gold'\nstatements = ['{value}']\nquestions = ['q']", "slots ['gold'] that nothing fills"),
        ("value = 'money'\nstatements = ['no slot']\nquestions = ['q']", "must hold {value} 1 times"),
        ("value = 'money'\nstatements = ['{value}']\nquestions = ['¿{value}?']", "must hold {value} 0 times"),
        ("value = 'money'\nstatements = ['[a|{value}']\nquestions = ['q']", "without its partner"),
        ("value = 'money'\nstatements = ['{value}', '{value}']\nquestions = ['q']", "stands there twice"),
        ("value = 'money'\nstatements = ['{value}']\nquestions = ['q']", "fact.toml, statements: there is none"),
        ("price = 1", "['price'] are no keys"),
        ("value =", "fact.toml: "),
    ],
)
def test_a_bad_file_says_where(tmp_path: Path, toml: str, message: str) -> None:
    path = tmp_path / "fact.toml"
    path.write_text(toml, "utf-8")
    with pytest.raises(FactError) as caught:
        read_fact(path)
    assert message in str(caught.value)
    assert "fact.toml" in str(caught.value)


@cache
def _wordings(templates: tuple[str, ...]) -> frozenset[str]:
    return frozenset(_readings(templates))


def _readings(templates: tuple[str, ...]) -> Iterator[str]:
    draws = Draws(1)
    for template in templates:
        yield from map(plain, readings(template))
        yield from (plain(choose(template, draws)) for _ in range(SAMPLES if "[" in template else 0))


def _likeness(one: str, other: str) -> float:
    words, others = _words(one), _words(other)
    return len(words & others) / len(words | others)


@cache
def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def test_held_out_wording_without_a_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "fact.toml"
    path.write_text(
        "value = 'money'\nstatements = ['{value}']\nquestions = ['q']\n"
        "[held_out]\nstatements = ['Son {value}']\nquestions = ['r']\n",
        "utf-8",
    )
    assert read_fact(path).held_out == Wording(("{money}",), ("Son {value}",), ("r",))
