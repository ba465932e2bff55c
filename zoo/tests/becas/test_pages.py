"""Sentences on a page, and the values in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from zoo.becas.filling import Filled, fill
from zoo.becas.layout import layout
from zoo.becas.pages import FULL, Page, capitalised, fillers, write_page
from zoo.becas.setting import draw_setting
from zoo.becas.template import fault, slots
from zoo.draws import Draws


@pytest.mark.parametrize("template", fillers())
def test_a_filler_is_text_without_a_value(template: str) -> None:
    assert fault(template) is None
    assert "value" not in slots(template)
    draws = Draws(3)
    text = fill(template, draws, draw_setting(draws)).text
    assert text == text.strip()
    assert "  " not in text


def test_fillers_are_not_repeated() -> None:
    assert len(set(fillers())) == len(fillers())


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("el pago es hoy", "El pago es hoy"),
        ("¿cuánto es?", "¿Cuánto es?"),
        ("https://becas.mx es la página", "https://becas.mx es la página"),
        ("www.becas.mx", "www.becas.mx"),
        ("becas.olmos.edu.mx/bases", "becas.olmos.edu.mx/bases"),
        ("dudas@olmos.mx", "dudas@olmos.mx"),
        ("@BecasOlmos es la cuenta", "@BecasOlmos es la cuenta"),
        ("350 becas", "350 becas"),
    ],
)
def test_a_sentence_begins_with_a_capital_but_an_address_does_not(text: str, written: str) -> None:
    assert capitalised(Filled(text)).text == written


def test_every_fact_stands_in_one_section_and_covers_itself() -> None:
    placed = [fact for section in layout().sections for fact in section.facts]
    assert sorted(placed) == sorted(set(placed)) == sorted(layout().covers)
    assert all(name in covered for name, covered in layout().covers.items())


def test_strange_values_are_those_of_a_fact_that_reads_alike() -> None:
    """A thing to do stays a thing to do; dates and addresses, and the names of the page, are never lent."""
    openings = {value.split()[0].lower() for value, _ in _values("obligations", strange=0.0)}
    lent = {value.split()[0].lower() for value, _ in _values("obligations", strange=1.0)}
    assert sum(word.endswith(("r", "rse")) for word in lent) > 0.8 * len(lent)
    assert len(lent - openings) > len(openings) / 4
    assert all("@" in value for value, _ in _values("email", strange=1.0))
    assert all(page.setting.platform.lower() in value.lower() for value, page in _values("platform", strange=1.0))


def _values(fact: str, *, strange: float) -> Iterator[tuple[str, Page]]:
    for seed in range(150):
        page = write_page(Draws(seed), shape=replace(FULL, strange_values=strange))
        if fact in page.spans:
            yield page.text[slice(*page.spans[fact])], page
