"""The known name that is most like a wrong one."""

from __future__ import annotations

import time
import unicodedata
from itertools import product
from string import ascii_lowercase

import pytest

from functions.core.near_names import MOST_COMPARISONS, NearNames, bare, did_you_mean, nearest, normal

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
        ("superficie-m-2", "superficie_m2"),
        ("-barrio-", "barrio"),
        ("ano_construccion", "año construcción"),
        ("precio", None),
        ("superfice_m2", None),
    ],
)
def test_the_same_letters_may_differ_in_form_case_spaces_and_accents(name: str, near: str | None) -> None:
    assert NearNames(KNOWN).same_letters(name) == near


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


def test_of_many_names_the_first_are_compared_letter_by_letter_and_all_are_looked_up() -> None:
    known = [f"{first}{second} column" for first, second in product(ascii_lowercase[:20], repeat=2)]
    wrong = [f"{name[:-1]}m" for name in known[:10]]
    near = NearNames(known)
    compared = MOST_COMPARISONS // len(known)
    assert list(near.each(wrong)) == [*known[:compared], *[None] * (10 - compared)]
    assert list(near.each([*wrong, "AB-Column"]))[-1] == "ab column"
    many = [f"{name} {letter}" for name in known for letter in ascii_lowercase[:10]]
    assert list(NearNames(many).each(["aa columna d", "aa columna e"])) == ["aa column d", None]
    assert list(NearNames(()).each(["a", "b"])) == [None, None]


def test_a_column_that_is_named_otherwise_is_near_in_whatever_order_names_are_known() -> None:
    assert {nearest("AB", names) for names in (["a b", "a_b"], ["a_b", "a b"])} == {"a b"}
    assert nearest("precio-2024", ["precio_2024", "precio_2025"]) == "precio_2024"


@pytest.mark.parametrize(
    "text", ["First Owner", "first-owner", "first - owner", "FIRST_owner ", "first--Owner", "First_-_Owner"]
)
def test_hyphens_between_words_are_spaces(text: str) -> None:
    assert normal(text) == "firstowner"


@pytest.mark.parametrize(
    ("text", "other"),
    [("A-", "A"), ("-1", "1"), ("BBB -", "BBB"), ("1-8", "18"), ("A-1", "A1"), ("--", "-"), ("A- grade", "A grade")],
)
def test_hyphens_at_an_end_or_beside_a_digit_are_signs(text: str, other: str) -> None:
    assert normal(text) != normal(other)
    assert bare(f"é {text}") != bare(f"e {other}")


def test_the_question_shows_what_looks_the_same() -> None:
    assert did_you_mean("banos", "baños") == "did you mean 'baños'?"
    assert did_you_mean("baños", DECOMPOSED) == (
        r"did you mean 'ban\u0303os', the same letters in another Unicode form?"
    )
    assert did_you_mean("x", None) == ""
