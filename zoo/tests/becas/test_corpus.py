"""Pages and questions: exact offsets, the same for a seed, held-out wording nowhere in training."""

from __future__ import annotations

import itertools
import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.becas.corpus import SPLITS, AskedPage, asked_page, pages
from zoo.becas.facts import facts
from zoo.becas.layout import layout
from zoo.becas.pages import FULL, Shape
from zoo.becas.questions import elsewhere, slipped, without_accents
from zoo.becas.setting import IDENTITY
from zoo.becas.template import SLOT, plain, readings, slots
from zoo.draws import Draws

PAGES = 400
SENTENCE_END = re.compile(r"[.?!]\s|\n")
TELLING = 4
"""Words in a row that make a wording recognisable."""
SMALL = Shape(facts=(1, 4), words=(15, 60), strange_values=0.3)
SEEDS = st.integers(0, 2**32)


@settings(max_examples=60)
@given(SEEDS, st.sampled_from(sorted(SPLITS)), st.booleans())
def test_every_value_stands_where_its_span_says(seed: int, split: str, small: bool) -> None:
    page = asked_page(seed, split, 0, shape=SMALL if small else FULL).page
    for start, end in page.spans.values():
        value = page.text[start:end]
        assert value == value.strip()
        assert value
        assert not page.text[start - 1 : start].isalnum()
        assert not page.text[end : end + 1].isalnum()
    ends = sorted(page.spans.values())
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(ends))
    assert not set("[]{}|~") & set(page.text)


@settings(max_examples=40)
@given(SEEDS, st.sampled_from(sorted(SPLITS)))
def test_a_page_has_the_facts_and_words_that_were_asked(seed: int, split: str) -> None:
    page = asked_page(seed, split, 3).page
    assert 8 <= len(page.spans) <= 30
    assert 80 <= len(page.text.split()) <= 1000
    small = asked_page(seed, split, 3, shape=SMALL).page
    assert 1 <= len(small.spans) <= 4


@settings(max_examples=40)
@given(SEEDS)
def test_questions_are_of_different_facts_and_right(seed: int) -> None:
    asked = asked_page(seed, "train", 0, questions=12, unanswerable=0.4)
    named = [question.fact for question in asked.questions if question.fact is not None]
    assert len(named) == len(set(named))
    for question in asked.questions:
        assert question.text.strip()
        assert question.span == asked.page.spans.get(question.fact or "")


@settings(max_examples=60)
@given(SEEDS, st.sampled_from(sorted(SPLITS)))
def test_what_cannot_be_answered_is_nowhere_on_the_page(seed: int, split: str) -> None:
    asked = asked_page(seed, split, 1, questions=12, unanswerable=1.0)
    assert asked.questions
    for question in asked.questions:
        assert question.span is None
        if question.fact is not None:
            assert question.fact not in asked.page.spans
            assert not any(question.fact in layout().covers[name] for name in asked.page.spans)
            assert question.fact not in (*IDENTITY, "bank") or not asked.page.setting.tells(
                question.fact, asked.page.text
            )


def test_the_same_seed_gives_the_same_pages() -> None:
    first, again = (list(itertools.islice(pages(7, "train"), 5)) for _ in range(2))
    assert first == again
    assert asked_page(7, "train", 4) == first[4]


def test_no_split_and_no_seed_repeats_a_page() -> None:
    texts = [asked_page(seed, split, number).page.text for seed in range(3) for split in SPLITS for number in range(3)]
    assert len(set(texts)) == len(texts)


def test_half_of_the_questions_are_unanswerable_if_asked_for() -> None:
    asked = [
        question for one in itertools.islice(pages(1, "train", unanswerable=0.5), PAGES) for question in one.questions
    ]
    share = sum(question.span is None for question in asked) / len(asked)
    assert 0.42 < share < 0.58


def test_near_misses_are_asked() -> None:
    """Most questions about facts that a page lacks ask for one easily confused with a fact that it states."""
    near, absent = 0, 0
    for one in _training():
        for question in one.questions:
            if question.fact is not None and question.span is None:
                groups = [group for group in layout().confusable if question.fact in group]
                absent += 1
                near += any(name in one.page.spans for group in groups for name in group)
    assert near / absent > 0.5


def test_every_fact_is_stated_asked_and_missed() -> None:
    stated = {name for one in _training() for name in one.page.spans}
    asked = {question.fact for one in _training() for question in one.questions if question.span}
    missed = {question.fact for one in _training() for question in one.questions if not question.span}
    assert stated == set(facts())
    assert asked == set(facts())
    assert missed >= set(facts()) - {"requirements"}  # much else tells some of them


@pytest.mark.parametrize("kind", ["statements", "questions"])
def test_held_out_wording_is_in_no_training_text(kind: str) -> None:
    text = _training_text(kind)
    held_out = {
        wording
        for fact in facts().values()
        for template in getattr(fact.held_out, kind)
        for reading in readings(template)
        for wording in [max((plain(part) for part in SLOT.split(reading)[::2]), key=len)]
        if len(wording.split()) >= TELLING
    }
    assert len(held_out) > len(facts()) * 4
    assert [wording for wording in sorted(held_out) if f" {wording} " in text] == []


def test_questions_about_nothing_on_the_page_are_held_out_too() -> None:
    known, held_out = (
        {plain(reading) for template in elsewhere()[name] for reading in readings(template)}
        for name in ("known", "held_out")
    )
    assert known & held_out == set()


def test_known_and_held_out_wording_are_used_as_the_split_says() -> None:
    assert _openings("train") == _openings("seen") == {"known"}
    assert _openings("unseen") == _openings("unseen-values") == {"held out"}


def test_values_in_words_are_held_out_where_the_split_says() -> None:
    held_out = {template for template in facts()["documents"].held_out.values if not slots(template)}
    wordings = {plain(reading) for template in held_out for reading in readings(template)}
    found = {
        split: any(
            plain(page.text[slice(*page.spans["documents"])]) in wordings
            for page in (asked_page(2, split, number).page for number in range(60))
            if "documents" in page.spans
        )
        for split in SPLITS
    }
    assert found == {split: split == "unseen-values" for split in SPLITS}


def test_accents_are_dropped_but_letters_stay() -> None:
    assert without_accents("¿Cuánto pagará el año próximo? Pingüino") == "¿Cuanto pagara el año proximo? Pingüino"


@given(SEEDS)
def test_a_slip_changes_one_word_a_little(seed: int) -> None:
    text = "cuánto pagan de beca al semestre"
    changed = slipped(text, Draws(seed))
    assert 0 <= len(text) - len(changed) <= 1
    assert sum(one != other for one, other in zip(text.split(), changed.split(), strict=True)) <= 1


def test_text_without_long_words_cannot_slip() -> None:
    assert slipped("de qué es", Draws(1)) == "de qué es"


@cache
def _training() -> tuple[AskedPage, ...]:
    return tuple(itertools.islice(pages(11, "train", questions=10, unanswerable=0.4), PAGES))


@cache
def _training_text(kind: str) -> str:
    if kind == "statements":
        sentences = (part for one in _training() for part in SENTENCE_END.split(one.page.text))
        return " " + " | ".join(map(plain, sentences)) + " "
    return " " + " ".join(plain(question.text) for one in _training() for question in one.questions) + " "


def _openings(split: str) -> set[str]:
    """Which wordings the answerable questions of a few pages are from, by their words without those of slots."""
    found = set()
    for asked in itertools.islice(pages(2, split, unanswerable=0.0), 10):
        for question in asked.questions:
            fact = facts()[question.fact or ""]
            known, held_out = (
                {
                    plain(reading)
                    for template in wording.questions
                    if "{" not in template
                    for reading in readings(template)
                }
                for wording in (fact.known, fact.held_out)
            )
            text = plain(question.text)
            found |= {name for name, texts in (("known", known), ("held out", held_out)) if text in texts}
    return found
