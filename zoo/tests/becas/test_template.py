"""Templates of alternatives and slots."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.becas.template import choose, fault, plain, readings, slots, tidy
from zoo.draws import Draws


def test_every_alternative_is_read() -> None:
    assert set(readings("[a|b|c] x [d|]")) >= {"a x d", "b x", "c x d"}


def test_alternatives_may_be_nested() -> None:
    assert {choose("[a [b|c]|d]", Draws(seed)) for seed in range(40)} == {"a b", "a c", "d"}


def test_an_empty_alternative_leaves_no_space() -> None:
    assert tidy(" el pago  , en [] .".replace("[]", "")) == "el pago, en."


def test_two_alternatives_that_meet_are_contracted() -> None:
    assert choose("[antes de] [el] {date}, frente [a] el fallo", Draws(1)) == "antes del {date}, frente al fallo"


def test_slots_are_listed_as_often_as_they_occur() -> None:
    assert slots("{value} de [{program}|{value}]") == ("value", "program", "value")


@pytest.mark.parametrize("template", ["[a|b", "a]", "a|b", "{value", "value}", "[a}|b]"])
def test_brackets_without_their_partner_are_told(template: str) -> None:
    assert fault(template) == "a bracket, brace or bar without its partner"


def test_an_empty_template_is_told() -> None:
    assert fault("  ") == "nothing in it"
    assert fault("[a|b {value}|]") is None


@pytest.mark.parametrize("text", ["¿Cuándo es?", "cuando ES", "Cuándo, es..."])
def test_case_accents_and_marks_do_not_make_another_wording(text: str) -> None:
    assert plain(text) == "cuando es"


@given(
    st.recursive(
        st.sampled_from(["a", "b ", "{value}", " c"]),
        lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda options: f"[{'|'.join(options)}]"),
    ),
    st.integers(0, 2**32),
)
def test_what_is_chosen_is_free_of_brackets(template: str, seed: int) -> None:
    assert fault(template) is None
    assert not set("[]|") & set(choose(template, Draws(seed)))
    assert all(not set("[]|") & set(reading) for reading in readings(template))
