"""The values that fill a slot."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.becas.countries import COUNTRIES
from zoo.becas.filling import fill
from zoo.becas.setting import IDENTITY, draw_setting
from zoo.becas.values import KINDS, grouped
from zoo.draws import Draws

SEEDS = st.integers(0, 2**63)


JOINING = {"opener", "any_opener", "link", "inside", "area", "code", "in_city", "house_number"}
"""Phrases that are no value: they join the texts on both sides."""


@given(SEEDS, st.sampled_from(sorted(KINDS - JOINING)))
def test_every_kind_fills_a_slot_with_a_clean_text(seed: int, kind: str) -> None:
    draws = Draws(seed)
    text = fill(f"{{{kind}}}", draws, draw_setting(draws)).text
    assert text == text.strip()
    assert "  " not in text
    assert not set("[]{}|~") & set(text)
    assert text
    assert not text.endswith(",")
    assert not text.endswith(".") or text.endswith(
        ("M.N.", "Cra.", "Calz.", "Blvd.", "Jr.", "Av.", "Avda.", "Psje.", "Bv.")
    )


@given(SEEDS)
def test_a_setting_is_whole(seed: int) -> None:
    setting = draw_setting(Draws(seed))
    assert setting.country in COUNTRIES
    assert setting.program.startswith(("la ", "el "))
    assert setting.institution.startswith(("la ", "el "))
    assert re.fullmatch(r"[a-z0-9.-]+", setting.domain)
    assert not set("[]{}|~") & set(setting.program + setting.institution + setting.platform)


@pytest.mark.parametrize(
    ("template", "value", "text", "answer"),
    [
        ("A partir de {value}.", "el 3 de mayo", "A partir del 3 de mayo.", "3 de mayo"),
        ("Es de {value}.", "de dos a tres meses", "Es de dos a tres meses.", "dos a tres meses"),
        ("Se paga {value}.", "el 3 de mayo", "Se paga el 3 de mayo.", "3 de mayo"),
        ("El plazo: {value}", "del 3 al 5 de mayo", "El plazo: del 3 al 5 de mayo", "del 3 al 5 de mayo"),
        ("Lo da {value}.", "la Fundación Olmos", "Lo da la Fundación Olmos.", "la Fundación Olmos"),
    ],
)
def test_an_article_is_contracted_and_no_part_of_the_answer(template: str, value: str, text: str, answer: str) -> None:
    draws = Draws(1)
    filled = fill(template, draws, draw_setting(draws), (value,))
    assert filled.text == text
    assert filled.text[filled.start : filled.end] == answer


@pytest.mark.parametrize(
    ("fact", "value", "attribute", "name"),
    [
        ("program_name", "Beca Olmos", "program", "la Beca Olmos"),
        ("program_name", "Programa Semilla", "program", "el Programa Semilla"),
        ("program_name", "Apoyo a Titulación", "program", "el Apoyo a Titulación"),
        ("institution", "la Fundación Olmos, con fondos propios", "institution", "la Fundación Olmos"),
        ("platform", "SIBEX (www.sibex.mx)", "platform", "SIBEX"),
    ],
)
def test_a_page_goes_by_the_names_that_it_states(fact: str, value: str, attribute: str, name: str) -> None:
    setting = draw_setting(Draws(1)).renamed(fact, value)
    assert fact in IDENTITY
    assert getattr(setting, attribute) == name
    assert setting.tells(fact, f"Se dice que {name} es de aquí.")
    assert not setting.tells(fact, "Se dice que es de aquí.")


def test_a_name_in_the_plural_is_not_called_by_name() -> None:
    setting = draw_setting(Draws(1)).renamed("program_name", "Becas Olmos")
    assert setting.program == setting.short_program


def test_thousands_are_grouped() -> None:
    assert grouped(1234567, ".") == "1.234.567"
    assert grouped(950, ",") == "950"
