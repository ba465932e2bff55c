"""Metrics of a run are those that scikit-learn computes from the same predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss, mean_absolute_error, roc_auc_score

from functions.core.manifest import Labels, Manifest
from functions.core.schema import Feature, Schema
from model_export.batch_files.measuring import Measurement

FEATURES = (Feature("x", "number"),)
CHANCES = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]])


def manifest(*targets: Feature, labels: Labels = ()) -> Manifest:
    return cast(Manifest, SimpleNamespace(schema=Schema(FEATURES, targets), labels=labels))


def labelled(chances: Any, labels: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {
            "label": labels[int(row.argmax())],
            "score": float(row.max()),
            "scores": dict(zip(labels, map(float, row), strict=True)),
        }
        for row in chances
    ]


def measured(of: Manifest, predictions: Sequence[Any], truths: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The metrics of predictions that come in two parts."""
    measurement = Measurement(of)
    for part in (slice(0, 1), slice(1, None)):
        measurement.add(predictions[part], truths[part])
    return measurement.metrics()


def test_labels_are_measured_by_their_scores() -> None:
    truth = ["no", "yes", "yes", "yes"]
    of = manifest(Feature("churn", "string"), labels=("no", "yes"))
    found = measured(of, labelled(CHANCES, ("no", "yes")), [{"churn": one} for one in truth])
    assert found["accuracy"] == pytest.approx(accuracy_score(truth, ["no", "yes", "no", "yes"]))
    assert found["roc_auc"] == pytest.approx(roc_auc_score(truth, CHANCES[:, 1]))
    assert found["log_loss"] == pytest.approx(log_loss(truth, CHANCES))


def test_truth_values_keep_their_type_and_decisions_of_two_labels_are_one_number() -> None:
    of = manifest(Feature("left", "boolean"), labels=(False, True))
    predictions = [{"label": "False", "decision": -1.0}, {"label": "True", "decision": 2.0}]
    found = measured(of, predictions, [{"left": False}, {"left": True}])
    assert (found["accuracy"], found["roc_auc"]) == (1.0, 1.0)


def test_rows_without_a_known_truth_are_left_out() -> None:
    of = manifest(Feature("churn", "string"), labels=("no", "yes"))
    truth = [{"churn": "no"}, {"churn": None}, {"churn": "never seen"}, {}]
    assert measured(of, labelled(CHANCES, ("no", "yes")), truth)["accuracy"] == 1.0
    assert measured(of, [], []) == {}


def test_numbers_of_several_targets_are_measured_together() -> None:
    of = manifest(Feature("a", "number"), Feature("b", "number"))
    truth = [{"a": 1.0, "b": 2.0}, {"a": 3.0, "b": 5.0}]
    predictions = [{"a": 1.5, "b": 2.0}, {"a": 3.0, "b": 4.0}]
    expected = np.mean([mean_absolute_error([1, 3], [1.5, 3]), mean_absolute_error([2, 5], [2, 4])])
    assert measured(of, predictions, truth)["mae"] == pytest.approx(expected)
