"""Predictions from arrays: names of labels, scores, and the rows that have none."""

from __future__ import annotations

import numpy as np
import orjson
import pytest

from functions.core.errors import DamagedVersionError, InvalidInputError
from functions.core.tasks import Scoring
from functions.predictors.predictions import LabelledRows, Prediction, named_labels, refuse_not_finite


def classifications(label: list[int], probabilities: list[list[float]], labels: list[str]) -> list[Prediction]:
    return list(LabelledRows(np.array(label), np.array(probabilities), labels, "probabilities"))


def decisions(label: list[int], decision: list[list[float]], labels: list[str]) -> list[Prediction]:
    return list(LabelledRows(np.array(label), np.array(decision), labels, "decision"))


def test_a_label_has_its_own_score_and_the_scores_of_all() -> None:
    rows = classifications([1, 0], [[0.25, 0.75], [0.5, 0.5]], ["no", "yes"])
    assert rows == [
        {"label": "yes", "score": 0.75, "scores": {"no": 0.25, "yes": 0.75}},
        {"label": "no", "score": 0.5, "scores": {"no": 0.5, "yes": 0.5}},
    ]


def test_the_label_is_the_graphs_own_and_not_the_one_with_the_highest_score() -> None:
    (row,) = classifications([0], [[0.25, 0.75]], ["no", "yes"])
    assert row == {"label": "no", "score": 0.25, "scores": {"no": 0.25, "yes": 0.75}}


def test_more_labels_than_rows_of_scores_are_an_error() -> None:
    with pytest.raises(DamagedVersionError, match="2 labels for 1 rows"):
        classifications([1, 0], [[0.25, 0.75]], ["no", "yes"])


@pytest.mark.parametrize("labels", [["no"], ["no", "maybe", "yes"]])
def test_labels_of_another_number_than_the_classes_name_no_class(labels: list[str]) -> None:
    with pytest.raises(DamagedVersionError, match=f"the graph has 2 classes, the manifest {len(labels)} labels"):
        classifications([0], [[0.25, 0.75]], labels)


@pytest.mark.parametrize("values", [np.array([0.5, -1e308]), np.zeros((2, 3)), np.zeros((0, 2))])
def test_finite_values_are_no_error(values: np.ndarray) -> None:  # type: ignore[type-arg]
    refuse_not_finite(values)


def test_each_row_that_is_not_finite_is_named_once() -> None:
    values = np.array([[0.5, 0.5], [np.nan, np.inf], [0.1, 0.9], [-np.inf, 0.0]])
    with pytest.raises(InvalidInputError) as caught:
        refuse_not_finite(values)
    assert [(fault.loc, fault.type) for fault in caught.value.faults] == [((1,), "not_finite"), ((3,), "not_finite")]


def test_rows_of_a_regression_are_named_too() -> None:
    with pytest.raises(InvalidInputError) as caught:
        refuse_not_finite(np.array([1.0, np.nan]))
    assert [fault.loc for fault in caught.value.faults] == [(1,)]


def test_the_decision_of_two_labels_is_a_number_and_of_several_one_for_each() -> None:
    two = decisions([1, 0], [[0.25], [-3.0]], ["no", "yes"])
    assert two == [{"label": "yes", "decision": 0.25}, {"label": "no", "decision": -3.0}]
    (three,) = decisions([2], [[-1.0, 0.0, 2.5]], ["a", "b", "c"])
    assert three == {"label": "c", "decision": {"a": -1.0, "b": 0.0, "c": 2.5}}


@pytest.mark.parametrize(("columns", "labels"), [(1, ["a", "b", "c"]), (1, ["a"]), (3, ["a", "b"])])
def test_a_decision_of_another_number_of_labels_names_no_class(columns: int, labels: list[str]) -> None:
    with pytest.raises(DamagedVersionError, match=f"the manifest {len(labels)} labels"):
        decisions([0], [[0.0] * columns], labels)


def test_rows_without_a_finite_decision_are_named() -> None:
    with pytest.raises(InvalidInputError) as caught:
        named_labels([np.array([0, 1]), np.array([[np.inf], [0.5]])], ["no", "yes"], "decision")
    assert [fault.loc for fault in caught.value.faults] == [(0,)]


HOSTILE = ["no", 'a "quoted", one', "é\n日本", "%s{}", ""]
SPELLED = [0.1, -0.0, 1.0, 1e16, 1e-7, 5e-324, 1.7976931348623157e308, 2 / 3, 123456789.125]


@pytest.mark.parametrize("rows", [0, 1, 2, 50])
@pytest.mark.parametrize(
    ("scoring", "width", "labels"),
    [
        ("probabilities", 2, 2),
        ("probabilities", 5, 5),
        ("probabilities", 1, 1),
        ("decision", 1, 2),
        ("decision", 2, 2),
        ("decision", 5, 5),
    ],
)
def test_rows_are_written_byte_by_byte_as_orjson_writes_their_dicts(
    rows: int, scoring: Scoring, width: int, labels: int
) -> None:
    chance = np.random.default_rng(rows)
    numbers = chance.choice(SPELLED, (rows, width)) * chance.choice([1.0, 0.37], (rows, width))
    label = chance.integers(0, labels, rows)
    for given in (numbers, np.asfortranarray(numbers), numbers[:, ::-1]):
        found = LabelledRows(label, given, HOSTILE[:labels], scoring)
        assert len(found) == rows
        assert found.to_json() == orjson.dumps(list(found))


def test_rows_are_read_like_a_list() -> None:
    found = LabelledRows(np.array([1, 0]), np.array([[0.25, 0.75], [0.5, 0.5]]), ["no", "yes"], "probabilities")
    first, second = found
    assert [found[0], found[-1], found[1:]] == [first, second, [second]]
    with pytest.raises(IndexError):
        found[2]


@pytest.mark.parametrize("rows", [1, 7, 8, 30])
@pytest.mark.parametrize(("scoring", "width"), [("probabilities", 2), ("decision", 2), ("decision", 1)])
def test_rows_are_written_apart_and_by_column_as_they_are_written_together(
    rows: int, scoring: Scoring, width: int
) -> None:
    labels = ['label":"', ',{"label":']
    numbers = np.random.default_rng(1).random((rows, width))
    found = LabelledRows(np.arange(rows) % 2, numbers, labels, scoring)
    assert found.json_texts() == [orjson.dumps(one) for one in found]
    assert [list(row) for row in zip(*found.columns(), strict=True)] == [_flat(one) for one in found]


def _flat(prediction: Prediction) -> list[object]:
    assert isinstance(prediction, dict)
    numbers = prediction.get("scores", prediction.get("decision"))
    own = [prediction["score"]] if "score" in prediction else []
    return [prediction["label"], *own, *(numbers.values() if isinstance(numbers, dict) else [numbers])]
