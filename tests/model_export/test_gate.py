"""The gate: every reason against a version, in words."""

from __future__ import annotations

import pytest

from functions.core.definition import Comparison, Gate
from model_export.comparison import SameRows
from model_export.gate import objections

GATE = Gate(floors={"r2": 0.3}, ceilings={"rmse": 100}, compare=Comparison("r2", 0.125))
GOOD = {"r2": 0.5, "rmse": 90.0}


def test_a_version_that_reaches_everything_may_go() -> None:
    assert objections(GATE, GOOD, SameRows(GOOD, GOOD)) == []
    assert objections(GATE, {"r2": 0.3, "rmse": 100.0}, None) == []


def test_without_rules_everything_may_go() -> None:
    assert objections(Gate(), {}, SameRows({}, {"r2": 1.0})) == []


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        ({"r2": 0.2999, "rmse": 90}, "r2 0.2999 is below the floor 0.3"),
        ({"r2": -1.5, "rmse": 90}, "r2 -1.5 is below the floor 0.3"),
        ({"r2": 0.5, "rmse": 100.5}, "rmse 100.5 is above the ceiling 100"),
        ({"rmse": 90}, "r2 is not defined on the evaluation rows, and the gate requires at least 0.3"),
        ({"r2": 0.5}, "rmse is not defined on the evaluation rows, and the gate requires at most 100"),
    ],
)
def test_floors_and_ceilings_are_kept(metrics: dict[str, float], expected: str) -> None:
    assert objections(GATE, metrics, None) == [expected]


@pytest.mark.parametrize("production", [{"r2": 0.625}, {"r2": 0.1}, {"r2": 0.5, "rmse": 1.0}])
def test_a_version_within_the_margin_may_go(production: dict[str, float]) -> None:
    assert objections(GATE, GOOD, SameRows(GOOD, production)) == []


def test_where_nothing_can_be_compared_the_version_may_go() -> None:
    assert objections(GATE, GOOD, None) == []


def test_a_version_that_falls_behind_production_may_not() -> None:
    behind = objections(GATE, GOOD, SameRows(GOOD, {"r2": 0.75}))
    assert behind == ["r2 0.5 is worse than production's 0.75 by more than 0.125"]


def test_a_production_that_may_know_the_rows_is_said_to() -> None:
    (reason,) = objections(GATE, GOOD, SameRows(GOOD, {"r2": 0.75}), flatters=True)
    assert "production's 0.75 by more than 0.125, which may have been fitted on these rows: force it" in reason
    assert objections(GATE, GOOD, SameRows(GOOD, {"r2": 0.5}), flatters=True) == []


def test_what_was_compared_decides_and_a_label_that_the_version_lacks_is_named() -> None:
    gate = Gate(floors={"accuracy": 0.9}, compare=Comparison("accuracy", 0.05))
    (reason,) = objections(gate, {"accuracy": 1.0}, SameRows({"accuracy": 0.6}, {"accuracy": 0.9}, ("c", "d")))
    assert reason == (
        "accuracy 0.6 is worse than production's 0.9 by more than 0.05; "
        "the new version was not trained on c, d, whose rows count as wrong"
    )


def test_for_errors_less_is_better() -> None:
    gate = Gate(compare=Comparison("rmse"))
    assert objections(gate, {"rmse": 9.0}, SameRows({"rmse": 9.0}, {"rmse": 10.0})) == []
    behind = objections(gate, {"rmse": 11.0}, SameRows({"rmse": 11.0}, {"rmse": 10.0}))
    assert behind == ["rmse 11 is worse than production's 10 by more than 0"]


@pytest.mark.parametrize(("metrics", "production"), [({}, {"r2": 0.5}), ({"r2": 0.5}, {}), ({}, {})])
def test_what_cannot_be_compared_may_not_go(metrics: dict[str, float], production: dict[str, float]) -> None:
    gate = Gate(compare=Comparison("r2"))
    found = objections(gate, metrics, SameRows(metrics, production))
    assert found == ["r2 cannot be compared: it is not defined on the evaluation rows"]


def test_all_reasons_come_at_once() -> None:
    metrics = {"r2": 0.2, "rmse": 150.0}
    found = objections(GATE, metrics, SameRows(metrics, {"r2": 0.9}))
    assert len(found) == 3
    assert [words.split()[0] for words in found] == ["r2", "rmse", "r2"]
