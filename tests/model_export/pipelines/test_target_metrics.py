"""Metrics of several targets: scikit-learn's averages, metrics of each target, and which of them only guess."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from functions.core.tasks import TASKS
from model_export.pipelines.metrics import Scored, measure
from model_export.pipelines.target_metrics import lost_targets, measure_targets, target_performance

RNG = np.random.default_rng(3)
ROWS = 400


def numbers(targets: int) -> tuple[Any, Any]:
    truth = RNG.normal(size=(ROWS, targets)) * 10.0 ** np.arange(targets)
    return truth, truth + RNG.normal(size=truth.shape) * 0.3 * 10.0 ** np.arange(targets)


def scored_numbers(truth: Any, predicted: Any) -> dict[str, Scored]:
    return {f"t{place}": Scored(truth[:, place], predicted[:, place]) for place in range(truth.shape[1])}


def labels(targets: int, classes: int = 2) -> tuple[Any, Any]:
    truth = RNG.integers(0, classes, (ROWS, targets))
    chances = RNG.dirichlet(np.ones(classes), (ROWS, targets))
    chances[np.arange(ROWS)[:, None], np.arange(targets), truth] += 0.4
    return truth, chances / chances.sum(axis=2, keepdims=True)


def scored_labels(truth: Any, chances: Any) -> dict[str, Scored]:
    names = tuple("abc"[: chances.shape[2]])
    return {
        f"t{place}": Scored(truth[:, place], chances[:, place].argmax(axis=1), names, chances[:, place])
        for place in range(truth.shape[1])
    }


@pytest.mark.parametrize("targets", [2, 3, 7])
def test_metrics_of_numbers_are_scikit_learns_uniform_average(targets: int) -> None:
    truth, predicted = numbers(targets)
    assert measure_targets(scored_numbers(truth, predicted)) == pytest.approx(
        {
            "rmse": sklearn_metrics.root_mean_squared_error(truth, predicted),
            "mae": sklearn_metrics.mean_absolute_error(truth, predicted),
            "r2": sklearn_metrics.r2_score(truth, predicted, multioutput="uniform_average"),
        }
    )


@pytest.mark.parametrize("targets", [2, 3, 7])
def test_metrics_of_two_labels_each_are_scikit_learns(targets: int) -> None:
    truth, chances = labels(targets)
    predicted, second = chances.argmax(axis=2), chances[:, :, 1]
    found = measure_targets(scored_labels(truth, chances))
    assert found == pytest.approx(
        {
            "accuracy": 1 - sklearn_metrics.hamming_loss(truth, predicted),
            "precision": sklearn_metrics.precision_score(truth, predicted, average="macro"),
            "recall": sklearn_metrics.recall_score(truth, predicted, average="macro"),
            "f1": sklearn_metrics.f1_score(truth, predicted, average="macro"),
            "roc_auc": sklearn_metrics.roc_auc_score(truth, second, average="macro"),
            "log_loss": np.mean([sklearn_metrics.log_loss(truth[:, t], chances[:, t]) for t in range(targets)]),
            "subset_accuracy": sklearn_metrics.accuracy_score(truth, predicted),
            "hamming_loss": sklearn_metrics.hamming_loss(truth, predicted),
            "f1_micro": sklearn_metrics.f1_score(truth, predicted, average="micro"),
        }
    )


def test_the_metrics_that_a_gate_may_name_are_those_that_are_measured() -> None:
    traits = TASKS["tabular-classification"]
    assert measure_targets(scored_labels(*labels(2))).keys() == set(traits.metrics_of(2))
    assert measure_targets(scored_labels(*labels(1))).keys() == set(traits.metrics_of(1))
    assert measure_targets(scored_numbers(*numbers(2))).keys() == set(TASKS["tabular-regression"].metrics_of(2))


def test_three_labels_have_no_f1_micro() -> None:
    found = measure_targets(scored_labels(*labels(2, 3)))
    assert "f1_micro" not in found
    assert {"subset_accuracy", "hamming_loss"} <= found.keys()


def test_one_target_has_the_metrics_of_one() -> None:
    (one,) = scored_numbers(*numbers(1)).values()
    assert measure_targets({"y": one}) == measure(one)
    assert target_performance({"y": one}, {}, ()).keys() == {"overall", "class", "slices"}


def test_a_metric_that_a_target_does_not_define_is_the_mean_of_the_others() -> None:
    scored = scored_labels(*labels(2))
    constant = Scored(np.zeros(ROWS, dtype=np.int64), np.zeros(ROWS, dtype=np.int64), ("a",), np.ones((ROWS, 1)))
    found = measure_targets({**scored, "constant": constant})
    assert found["roc_auc"] == pytest.approx(measure_targets(scored)["roc_auc"])
    assert found["log_loss"] == pytest.approx(measure_targets(scored)["log_loss"])
    assert measure(constant)["accuracy"] == 1.0


def test_no_rows_have_no_metrics() -> None:
    empty = Scored(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), ("a", "b"), np.zeros((0, 2)))
    assert measure_targets({"x": empty, "y": empty}) == {}


def test_performance_has_each_target_its_classes_and_slices_of_the_means() -> None:
    scored = scored_labels(*labels(2))
    table: Any = {"town": ["Soria"] * 150 + ["Vigo"] * 245 + ["León"] * 5}
    found = target_performance(scored, table, ("town",))
    assert found.keys() == {"overall", "targets", "class", "slices"}
    assert found["targets"]["t1"] == {**measure(scored["t1"]), "rows": ROWS}
    assert found["class"]["t0"].keys() == {"a", "b"}
    assert found["slices"].keys() == {"town=Soria", "town=Vigo"}
    part = {name: one.of(np.arange(150)) for name, one in scored.items()}
    assert found["slices"]["town=Soria"] == {**measure_targets(part), "rows": 150}
    assert found["overall"]["rows"] == ROWS


def test_numbers_have_no_classes_by_target() -> None:
    assert target_performance(scored_numbers(*numbers(2)), {}, ())["class"] == {}


def test_the_targets_that_are_no_better_than_guessing_are_named() -> None:
    truth, predicted = numbers(3)
    assert lost_targets(scored_numbers(truth, predicted)) == ""
    predicted[:, 1] = RNG.permutation(truth[:, 1])
    lost = lost_targets(scored_numbers(truth, predicted))
    assert lost.startswith("t1: no better than guessing on 400 rows: rmse ")
    assert "t0" not in lost
    assert "t2" not in lost


def test_one_target_that_only_guesses_is_not_named() -> None:
    truth, predicted = numbers(1)
    assert lost_targets(scored_numbers(truth, RNG.permutation(predicted))).startswith("no better than guessing")
