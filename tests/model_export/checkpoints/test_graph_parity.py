"""A report adds up the differences of all batches, and the lengths are those at which a family changes its ways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from tests.model_export.checkpoints.exported import Exported

pytest.importorskip("torch", reason="parity needs torch, which this environment lacks")
pytest.importorskip("transformers", reason="parity needs transformers, which this environment lacks")

from model_export.checkpoints.graph_parity import (
    Difference,
    GraphParity,
    best_differs,
    lengths_around,
    steps,
    total,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(GraphParity):
    different: int = 0

    @property
    def moved(self) -> int:
        return self.different

    @property
    def choice(self) -> str:
        return "the colour"


EQUAL = Report(
    reference="torch",
    source="tiny",
    rows=3,
    tokens=90,
    lengths=(20, 60, 10),
    largest_batch=1,
    max_absolute_difference=1e-4,
    worst_length=60,
)


def test_a_report_says_how_far_the_graph_is_from_the_model() -> None:
    assert EQUAL.is_equal
    assert EQUAL.sentence == (
        "ONNX equals the model on 3 texts of 10 to 60 tokens: logits differ by 1.0e-04 at most (at 60 tokens; allowed "
        "0.0001), the colour in 0 of them"
    )


@pytest.mark.parametrize("changed", [{"max_absolute_difference": 1.01e-4}, {"different": 1}])
def test_a_larger_difference_or_another_choice_is_enough_to_fail(changed: dict[str, float]) -> None:
    found = replace(EQUAL, **changed)
    assert not found.is_equal
    assert found.sentence.startswith("ONNX is not the model on 3 texts")


def test_the_largest_difference_counts_and_every_row_that_moved() -> None:
    found = total([Difference(0.1, 9, 0), Difference(0.7, 8, 2), Difference(0.2, 7, 1)])
    assert found == Difference(0.7, 8, 3)
    assert total([Difference(0.0, 5, 0)]) == Difference(0.0, 5, 0)
    assert total([Difference(float("inf"), 5, 0), Difference(1.0, 6, 0)]).length == 5


def test_lengths_are_around_each_step_and_around_parts_of_the_longest() -> None:
    assert lengths_around([16], 100) == {15, 16, 17, 31, 32, 33, 99, 100, 49, 50, 24, 25}


def test_the_windows_of_a_longformer_are_its_steps(exported: Callable[[str], Exported]) -> None:
    assert steps(exported("longformer").checkpoint) == {4, 8, 16, 128, 136}
    assert steps(exported("roberta").checkpoint) == {16, 24, 64, 128}
    assert steps(exported("convbert").checkpoint) == {5, 16, 24, 64, 128}


def test_another_best_column_is_a_difference_where_the_model_tells_the_two_apart() -> None:
    """Tokens that mean the same have scores that differ in the last digit."""
    theirs = np.array([[1.0, 3.0, 3.0 - 1e-6], [1.0, 3.0, 3.0 - 1e-3], [1.0, 3.0, 0.0]], np.float32)
    assert best_differs(theirs[:, [0, 2, 1]], theirs).tolist() == [False, True, True]
    assert best_differs(np.full_like(theirs, np.nan), theirs).all()
