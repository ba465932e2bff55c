"""Ranges and defaults of the arguments."""

from __future__ import annotations

from dataclasses import asdict
from typing import get_args

from functions.core.documents import read_document
from model_export.fine_tuning.arguments import LOWER_IS_BETTER, FineTuningArguments, Metric


def test_the_defaults_are_within_their_ranges() -> None:
    assert read_document(asdict(FineTuningArguments()), FineTuningArguments, "defaults") == FineTuningArguments()


def test_the_metrics_to_stop_by_are_those_that_have_a_direction() -> None:
    assert set(get_args(Metric)) == LOWER_IS_BETTER.keys()
