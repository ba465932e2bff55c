"""The known name that is most like a wrong one."""

from __future__ import annotations

import time
import unicodedata

import pytest

from functions.core.near_names import did_you_mean, nearest, same_letters

KNOWN = ("barrio", "baños", "superficie_m2", "año construcción")
DECOMPOSED = unicodedata.normalize("NFD", "baños")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Barrio", "barrio"),
        ("banos", "baños"),
        (DECOMPOSED, "baños"),
        ("BAÑOS ", "baños"),
        ("superficie-M2", "superficie_m2"),
        ("ano_construccion", "año construcción"),
        ("precio", None),
        ("superfice_m2", None),
    ],
)
def test_the_same_letters_may_differ_in_form_case_spaces_and_accents(name: str, near: str | None) -> None:
    assert same_letters(name, KNOWN) == near


@pytest.mark.parametrize(
    ("name", "near"), [("superfice_m2", "superficie_m2"), ("bario", "barrio"), ("x", None), ("precio", None)]
)
def test_most_letters_are_enough_for_the_nearest(name: str, near: str | None) -> None:
    assert nearest(name, KNOWN) == near


def test_of_two_names_the_one_of_the_same_form_comes_first() -> None:
    assert nearest("AÑO", ["ano", "año", "Ano"]) == "año"


def test_a_name_without_end_costs_no_comparison_of_its_letters() -> None:
    started = time.process_time()
    assert nearest("x" * 5_000_000, ["y" * 5_000_000, "x"]) is None
    assert time.process_time() - started < 20  # letter by letter it would be hours


def test_the_question_shows_what_looks_the_same() -> None:
    assert did_you_mean("banos", "baños") == "did you mean 'baños'?"
    assert did_you_mean("baños", DECOMPOSED) == (
        r"did you mean 'ban\u0303os', the same letters in another Unicode form?"
    )
    assert did_you_mean("x", None) == ""
