"""int8 may lose the margin and no more, in percentage points of each metric."""

from __future__ import annotations

import pytest

from functions.core.errors import ParityError
from model_export.checkpoints.int8_gate import Compared, Int8Gate

PERCENT = Int8Gate(1.0, 9, "answers 9 questions", Compared(("exact", "f1"), points=1, decimals=2))
SHARE = Int8Gate(1.0, 7, "labels 7 texts", Compared(("accuracy", "f1"), points=100, decimals=4))


@pytest.mark.parametrize(
    ("exact", "f1", "expected"),
    [
        (79.0, 88.0, []),
        (80.5, 90.0, []),
        (78.9, 90.0, ["exact falls from 80.00 to 78.90"]),
        (70.0, 80.0, ["exact falls from 80.00 to 70.00", "f1 falls from 89.00 to 80.00"]),
    ],
)
def test_metrics_in_percent(exact: float, f1: float, expected: list[str]) -> None:
    assert PERCENT.losses({"exact": exact, "f1": f1}, {"exact": 80.0, "f1": 89.0}) == expected


@pytest.mark.parametrize(
    ("accuracy", "expected"), [(0.795, []), (0.7, ["accuracy falls from 0.8000 to 0.7000"]), (0.9, [])]
)
def test_metrics_that_are_shares(accuracy: float, expected: list[str]) -> None:
    assert SHARE.losses({"accuracy": accuracy, "f1": 0.9}, {"accuracy": 0.8, "f1": 0.9}) == expected


def test_a_metric_of_no_gate_may_fall() -> None:
    metrics = {"exact": 80.0, "f1": 89.0, "exact_impossible": 50.0}
    PERCENT.refuse_worse({**metrics, "exact_impossible": 0.0}, metrics)


def test_the_refusal_says_what_fell_and_what_to_do() -> None:
    with pytest.raises(ParityError) as refusal:
        SHARE.refuse_worse({"accuracy": 0.7, "f1": 0.9}, {"accuracy": 0.8, "f1": 0.9})
    assert str(refusal.value) == (
        "int8 labels 7 texts worse than the margin of 1 points allows: accuracy falls from 0.8000 to 0.7000; nothing "
        "is published (leave --quantize out to publish the exact graph)"
    )
