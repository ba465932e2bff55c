"""The table of decisions has what can calibrate and be stacked."""

from __future__ import annotations

from model_export.pipelines.convert.converters import RULES
from model_export.pipelines.convert.decisions import DECISIONS


def test_every_decision_is_of_a_classifier_that_has_one_and_a_converter() -> None:
    assert all(hasattr(kind, "decision_function") for kind in DECISIONS)
    assert DECISIONS.keys() <= RULES.keys()
