"""docs/scenarios.md: every scenario is played again, answers as expected and as the document shows."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest

from tools.figures import agree
from tools.scenarios.accepted import SWIFT_PRICES
from tools.scenarios.document import render
from tools.scenarios.playing import SCENARIOS, play
from tools.scenarios.scenario import Played


@pytest.fixture(scope="module")
def played() -> Mapping[str, Played]:
    return play()


@pytest.mark.parametrize("name", [scenario.name for scenario in SCENARIOS])
def test_the_answer_is_as_expected(played: Mapping[str, Played], name: str) -> None:
    assert played[name].failures() == []


def test_a_version_gives_the_same_price_after_going_back(played: Mapping[str, Played]) -> None:
    assert played["A usual car"].content == played["The prediction after going back"].content


def test_the_document_says_what_was_answered(played: Mapping[str, Played], root: Path) -> None:
    written = (root / "docs" / "scenarios.md").read_text("utf-8")
    assert agree(written, render(played)), "docs/scenarios.md is out of date: python -m tools.scenarios"


def test_statements_about_the_sample_are_true(root: Path) -> None:
    with (root / "models" / "car-price" / "sample.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (sum(row["fuel"] == "Electric" for row in rows), len(rows)) == (8, 2500)
    low, high = SWIFT_PRICES
    swifts = [
        int(row["selling_price"])
        for row in rows
        if row["name"].startswith("Maruti Swift ") and row["fuel"] == "Petrol" and 2013 <= int(row["year"]) <= 2015
    ]
    assert sum(low < price < high for price in swifts) > len(swifts) / 2
    names = [row["name"] for row in rows]
    assert not any(name.startswith(("Lada", "Rolls-Royce", "Audi R8")) for name in names)
    assert any(name.startswith("Audi A4") for name in names)
