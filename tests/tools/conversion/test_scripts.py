"""The shapes of public training scripts: ninety scripts in all, counted with every model that a script chooses from."""

from __future__ import annotations

import pytest

from tools.conversion.configurations import scripts


def test_the_shapes_are_those_of_ninety_scripts() -> None:
    assert sum(shape.scripts for shape in scripts.SHAPES) == 90


def test_a_script_counts_only_if_every_model_that_it_chooses_from_is_taken() -> None:
    everything = {one.key for one in scripts.CONFIGURATIONS}
    chosen = next(shape for shape in scripts.SHAPES if len(shape.configurations) == 9)
    one_less = everything - {chosen.configurations[0].key}
    assert scripts.share_taken(everything) == 1
    assert scripts.share_taken(set()) == 0
    assert scripts.share_taken(one_less) == pytest.approx(1 - chosen.scripts / 90)
