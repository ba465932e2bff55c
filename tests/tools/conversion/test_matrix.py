"""docs/conversion.md holds: a sample of its rows, and random compositions, are played again.

DESPLIEGUE_CONVERSION=all plays every row and 300 compositions; the tests' default is a sample of both.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest

from tools.conversion.compositions import composition
from tools.conversion.configurations import CONFIGURATIONS
from tools.conversion.document import recorded
from tools.conversion.playing import play
from tools.serving import ROOT

PLAYS_ALL = os.environ.get("DESPLIEGUE_CONVERSION") == "all"
SAMPLED = 15
COMPOSITIONS = 300 if PLAYS_ALL else 8
LEAST_PUBLISHED = 0.9


def test_rows_have_names_of_their_own() -> None:
    keys = Counter(one.key for one in CONFIGURATIONS)
    assert [key for key, count in keys.items() if count > 1] == []
    assert len(CONFIGURATIONS) >= 386


def test_rows_are_as_the_page_says() -> None:
    page = recorded((ROOT / "docs" / "conversion.md").read_text("utf-8"))
    step = 1 if PLAYS_ALL else len(CONFIGURATIONS) // SAMPLED
    found = {
        row.configuration.key: row.ours.kind for row in play(CONFIGURATIONS[::step], processes=1, with_stock=False)
    }
    differences = {key: kind for key, kind in found.items() if kind != "skipped" and page[key] != kind}
    assert differences == {}, "run python -m tools.conversion, or mend what changed"


def test_random_compositions_are_exact_or_refused() -> None:
    played = list(play([composition(seed) for seed in range(COMPOSITIONS)], processes=1, with_stock=False))
    kinds = Counter(row.ours.kind for row in played)
    published_wrong = [
        (row.configuration.name, row.ours) for row in played if row.ours.kind in ("near", "wrong", "fails")
    ]
    assert published_wrong == []
    if PLAYS_ALL:
        assert kinds["exact"] >= LEAST_PUBLISHED * COMPOSITIONS


@pytest.mark.parametrize("seed", [0, 17])
def test_a_composition_is_the_same_at_every_run(seed: int) -> None:
    first, second = composition(seed), composition(seed)
    assert (first.table, first.target) == (second.table, second.target)
