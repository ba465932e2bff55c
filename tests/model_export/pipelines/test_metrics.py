"""Metrics: scikit-learn's own figures, and none where the rows define none."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from functions.core.schema import Table
from functions.core.tasks import TASKS
from model_export.pipelines.metrics import LEAST_SLICE_ROWS, Scored, is_worse, measure, performance

CLASSIFICATION = set(TASKS["tabular-classification"].metrics)


def numbers(truth: list[float], predicted: list[float]) -> Scored:
    return Scored(np.array(truth, dtype=np.float64), np.array(predicted, dtype=np.float64))


def classes(truth: list[int], probabilities: Any, labels: tuple[str, ...]) -> Scored:
    """Predictions are the likeliest labels."""
    scores = np.array(probabilities, dtype=np.float64).reshape(-1, len(labels))
    return Scored(np.array(truth, dtype=np.int64), scores.argmax(axis=1), labels, scores)


def drawn(rows: int, labels: int) -> Scored:
    random = np.random.default_rng(7)
    scores = random.dirichlet(np.ones(labels), rows)
    return classes(random.integers(0, labels, rows).tolist(), scores, tuple("abcd"[:labels]))


def probabilities_of(scored: Scored) -> npt.NDArray[np.float64]:
    assert scored.probabilities is not None
    return scored.probabilities


def test_the_metrics_that_a_gate_may_name_are_those_that_are_measured() -> None:
    assert measure(drawn(50, 3)).keys() == set(TASKS["tabular-classification"].metrics)
    assert measure(numbers([1, 2, 3], [1, 2, 4])).keys() == set(TASKS["tabular-regression"].metrics)
    assert TASKS["text-classification"].metrics == TASKS["tabular-classification"].metrics


class TestRegression:
    def test_the_figures_are_those_of_scikit_learn(self) -> None:
        random = np.random.default_rng(7)
        truth, predicted = random.normal(100, 20, 50), random.normal(100, 20, 50)
        assert measure(Scored(truth, predicted)) == {
            "rmse": pytest.approx(sklearn_metrics.root_mean_squared_error(truth, predicted)),
            "mae": pytest.approx(sklearn_metrics.mean_absolute_error(truth, predicted)),
            "r2": pytest.approx(sklearn_metrics.r2_score(truth, predicted)),
        }

    def test_a_known_case(self) -> None:
        assert measure(numbers([1, 2, 3, 4], [1, 2, 3, 2])) == pytest.approx({"rmse": 1.0, "mae": 0.5, "r2": 0.2})

    def test_one_row_has_no_r2(self) -> None:
        assert measure(numbers([2], [5])) == {"rmse": 3.0, "mae": 3.0}

    def test_no_rows_have_no_metrics(self) -> None:
        assert measure(numbers([], [])) == {}

    def test_a_constant_truth_still_has_finite_figures(self) -> None:
        found = measure(numbers([2, 2, 2], [1, 2, 3]))
        assert all(map(math.isfinite, found.values()))


class TestBinary:
    def test_the_figures_are_those_of_scikit_learn_for_the_second_label(self) -> None:
        scored = drawn(60, 2)
        truth, predicted, scores = scored.truth, scored.predicted, probabilities_of(scored)
        assert measure(scored) == {
            "accuracy": pytest.approx(sklearn_metrics.accuracy_score(truth, predicted)),
            "precision": pytest.approx(sklearn_metrics.precision_score(truth, predicted, pos_label=1)),
            "recall": pytest.approx(sklearn_metrics.recall_score(truth, predicted, pos_label=1)),
            "f1": pytest.approx(sklearn_metrics.f1_score(truth, predicted, pos_label=1)),
            "roc_auc": pytest.approx(sklearn_metrics.roc_auc_score(truth, scores[:, 1])),
            "log_loss": pytest.approx(sklearn_metrics.log_loss(truth, scores)),
        }

    @pytest.mark.parametrize("label", [0, 1])
    def test_a_truth_of_one_class_has_no_area_under_the_curve(self, label: int) -> None:
        found = measure(classes([label] * 3, [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], ("no", "yes")))
        assert found.keys() == CLASSIFICATION - {"roc_auc"}

    def test_a_class_that_is_never_predicted_counts_zero(self) -> None:
        found = measure(classes([0, 1], [[0.9, 0.1], [0.8, 0.2]], ("no", "yes")))
        assert (found["precision"], found["recall"], found["f1"], found["accuracy"]) == (0.0, 0.0, 0.0, 0.5)

    def test_a_truth_and_predictions_of_the_first_class_alone_are_measured(self) -> None:
        found = measure(classes([0, 0], [[0.9, 0.1], [0.8, 0.2]], ("no", "yes")))
        assert (found["accuracy"], found["precision"], found["recall"]) == (1.0, 0.0, 0.0)

    def test_certainty_that_is_wrong_keeps_log_loss_finite(self) -> None:
        found = measure(classes([0, 1], [[0.0, 1.0], [1.0, 0.0]], ("no", "yes")))
        assert math.isfinite(found["log_loss"])
        assert found["roc_auc"] == 0.0

    def test_no_rows_have_no_metrics(self) -> None:
        assert measure(classes([], [], ("no", "yes"))) == {}


class TestManyClasses:
    def test_the_figures_are_scikit_learns_weighted_ones(self) -> None:
        scored = drawn(80, 4)
        truth, predicted, scores = scored.truth, scored.predicted, probabilities_of(scored)
        assert measure(scored) == {
            "accuracy": pytest.approx(sklearn_metrics.accuracy_score(truth, predicted)),
            "precision": pytest.approx(sklearn_metrics.precision_score(truth, predicted, average="weighted")),
            "recall": pytest.approx(sklearn_metrics.recall_score(truth, predicted, average="weighted")),
            "f1": pytest.approx(sklearn_metrics.f1_score(truth, predicted, average="weighted")),
            "roc_auc": pytest.approx(
                sklearn_metrics.roc_auc_score(truth, scores, multi_class="ovr", average="weighted")
            ),
            "log_loss": pytest.approx(sklearn_metrics.log_loss(truth, scores)),
        }

    def test_a_label_that_the_rows_lack_leaves_out_the_area_under_the_curve(self) -> None:
        found = measure(classes([0, 1, 0], np.full((3, 3), 1 / 3), ("a", "b", "c")))
        assert found.keys() == CLASSIFICATION - {"roc_auc"}

    def test_probabilities_in_float32_need_not_sum_to_one_exactly(self) -> None:
        scored = drawn(30, 3)
        rounded = Scored(scored.truth, scored.predicted, scored.labels, probabilities_of(scored).astype(np.float32))
        assert measure(rounded) == pytest.approx(measure(scored), rel=1e-5)


class TestPerformance:
    TABLE: ClassVar[Table] = {
        "fuel": [*["Diesel"] * 12, *["Petrol"] * 10, *["CNG"] * 9, None],
        "doors": [*[3] * 16, *[5] * 16],
    }

    def test_a_classification_has_metrics_overall_by_class_and_by_slice(self) -> None:
        scored = drawn(32, 3)
        found = performance(scored, self.TABLE, ("fuel", "doors"))
        assert list(found) == ["overall", "class", "slices"]
        assert found["overall"] == {**measure(scored), "rows": 32}
        assert list(found["slices"]) == ["fuel=Diesel", "fuel=Petrol", "doors=3", "doors=5"]
        assert found["slices"]["fuel=Diesel"] == {**measure(scored.of(np.arange(12))), "rows": 12}
        assert found["slices"]["doors=5"] == {**measure(scored.of(np.arange(16, 32))), "rows": 16}

    def test_each_class_has_scikit_learns_figures(self) -> None:
        scored = drawn(32, 3)
        expected = sklearn_metrics.precision_recall_fscore_support(scored.truth, scored.predicted)
        found = performance(scored, self.TABLE, ())["class"]
        assert list(found) == ["a", "b", "c"]
        for place, figures in enumerate(found.values()):
            assert list(figures.values()) == pytest.approx([column[place] for column in expected])
            assert type(figures["rows"]) is int

    def test_a_class_without_rows_is_reported_with_none(self) -> None:
        scored = classes([0, 0], [[0.9, 0.1, 0.0], [0.2, 0.8, 0.0]], ("a", "b", "c"))
        assert performance(scored, {}, ())["class"]["c"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "rows": 0}

    def test_a_regression_has_no_classes(self) -> None:
        scored = numbers([float(row) for row in range(32)], [0.0] * 32)
        found = performance(scored, self.TABLE, ("doors",))
        assert found["class"] == {}
        assert found["slices"]["doors=3"] == {**measure(scored.of(np.arange(16))), "rows": 16}

    def test_slices_of_fewer_rows_are_left_out(self) -> None:
        assert LEAST_SLICE_ROWS == 10
        assert "fuel=CNG" not in performance(drawn(32, 2), self.TABLE, ("fuel",))["slices"]

    def test_missing_values_are_a_slice(self) -> None:
        table: Table = {"fuel": [*[None] * 10, *["Diesel"] * 10]}
        assert list(performance(drawn(20, 2), table, ("fuel",))["slices"]) == ["fuel=Diesel", "fuel=None"]

    def test_no_rows_are_reported_without_figures(self) -> None:
        found = performance(classes([], [], ("no", "yes")), {"fuel": []}, ("fuel",))
        assert found == {"overall": {"rows": 0}, "class": {}, "slices": {}}


@pytest.mark.parametrize("metric", ["rmse", "mae", "log_loss"])
def test_less_is_better_for_errors(metric: str) -> None:
    assert is_worse(metric, 2.0, 1.0, 0.5)
    assert not is_worse(metric, 1.0, 2.0, 0.5)


@pytest.mark.parametrize("metric", ["roc_auc", "accuracy", "r2", "f1"])
def test_more_is_better_for_the_others(metric: str) -> None:
    assert is_worse(metric, 0.5, 1.0, 0.25)
    assert not is_worse(metric, 1.0, 0.5, 0.25)


def test_the_margin_itself_is_not_worse() -> None:
    assert not is_worse("r2", 0.5, 0.75, 0.25)
    assert not is_worse("r2", 0.75, 0.75, 0.0)
    assert is_worse("r2", 0.5, 0.75, 0.125)


@st.composite
def batches(draw: st.DrawFn) -> Scored:
    labels = draw(st.integers(2, 4))
    rows = draw(st.integers(1, 6))
    weights = draw(st.lists(st.integers(0, 3), min_size=rows * labels, max_size=rows * labels))
    scores = np.array(weights, dtype=np.float64).reshape(rows, labels) + 0.01
    truth = draw(st.lists(st.integers(0, labels - 1), min_size=rows, max_size=rows))
    return classes(truth, scores / scores.sum(axis=1, keepdims=True), tuple("abcd"[:labels]))


@given(batches(), st.randoms(use_true_random=False))
def test_metrics_are_finite_and_do_not_depend_on_the_order_of_rows(scored: Scored, random: Any) -> None:
    order = list(range(len(scored.truth)))
    random.shuffle(order)
    found = measure(scored)
    assert found.keys() >= CLASSIFICATION - {"roc_auc"}
    assert all(map(math.isfinite, found.values()))
    assert measure(scored.of(np.array(order))) == pytest.approx(found)


class TestDecision:
    @pytest.mark.parametrize("labels", [2, 3])
    def test_the_area_is_that_of_probabilities_in_the_same_order_and_there_is_no_log_loss(self, labels: int) -> None:
        scored = drawn(60, labels)
        scores = np.log(probabilities_of(scored))
        decision = scores if labels > 2 else scores[:, [1]] - scores[:, [0]]
        found = measure(Scored(scored.truth, scored.predicted, scored.labels, decision=decision))
        expected = measure(scored)
        assert found == pytest.approx({name: expected[name] for name in expected if name != "log_loss"})

    def test_some_rows_have_their_decisions(self) -> None:
        scored = Scored(np.array([0, 1, 1]), np.array([0, 0, 1]), ("no", "yes"), decision=np.array([[-1.0], [2], [3]]))
        assert measure(scored.of(np.array([0, 2])))["roc_auc"] == 1.0

    def test_a_truth_of_one_class_has_no_area_under_the_curve(self) -> None:
        scored = Scored(np.array([1, 1]), np.array([0, 1]), ("no", "yes"), decision=np.array([[-1.0], [2.0]]))
        assert measure(scored).keys() == CLASSIFICATION - {"roc_auc", "log_loss"}
