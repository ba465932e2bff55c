"""The column to predict, and its task."""

from __future__ import annotations

from typing import Any

import pytest

from functions.core.errors import InvalidInputError
from functions.core.schema import Feature
from functions.core.tasks import Task
from model_export.draft.columns import column_of
from model_export.draft.estimator import Facts
from model_export.draft.target import DRAFTED, kind_of_labels, refuse_bad_target, target_feature, task_note, task_of

TABLE: dict[str, list[Any]] = {
    "left": ["no", "yes"] * 30,
    "stars": [str(number % 5) for number in range(60)],
    "bit": ["0", "1"] * 30,
    "truth": [True, False] * 30,
    "rating": [str(number % 11) for number in range(110)],
    "few rows": [str(number % 5) for number in range(40)],
    "price": [f"{number}.5" for number in range(60)],
    "halves": ["0.5", "1"] * 30,
}


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("left", "tabular-classification"),
        ("stars", "tabular-classification"),
        ("bit", "tabular-classification"),
        ("truth", "tabular-classification"),
        ("rating", "tabular-regression"),
        ("few rows", "tabular-regression"),
        ("price", "tabular-regression"),
        ("halves", "tabular-regression"),
    ],
)
def test_few_whole_numbers_with_many_rows_each_are_classes_as_texts_are(name: str, task: Task) -> None:
    assert task_of(column_of(name, TABLE[name]), None) == task


def test_a_task_is_drafted_for_what_a_model_reads_and_predicts() -> None:
    assert DRAFTED == {
        ("table", "label"): "tabular-classification",
        ("table", "number"): "tabular-regression",
        ("text", "label"): "text-classification",
    }


@pytest.mark.parametrize("is_classifier", [True, False])
def test_a_pipeline_decides_on_the_task(is_classifier: bool) -> None:
    task = task_of(column_of("left", TABLE["stars"]), Facts(is_classifier, False, (), None))
    assert task == ("tabular-classification" if is_classifier else "tabular-regression")


@pytest.mark.parametrize(
    ("name", "is_given", "note"),
    [
        ("left", False, "tabular-classification: left is one of 2 texts"),
        ("bit", False, "tabular-classification: bit is one of 2 whole numbers (if not, --task tabular-regression)"),
        ("bit", True, "tabular-classification: bit is one of 2 whole numbers"),
        ("truth", False, "tabular-classification: truth is one of 2 values, true and false"),
        ("price", False, "tabular-regression: price is a number (if not, --task tabular-classification)"),
    ],
)
def test_the_note_says_why_and_how_to_overrule_a_guess(name: str, is_given: bool, note: str) -> None:
    target = column_of(name, TABLE[name])
    assert task_note(target, task_of(target, None), is_given=is_given) == note


def test_classes_keep_the_type_that_the_pipeline_gave_them() -> None:
    bit = column_of("bit", TABLE["bit"])
    assert target_feature(bit, "tabular-classification", (0.0, 1.0)) == Feature("bit", "number", allowed=(0.0, 1.0))
    assert target_feature(bit, "tabular-classification", (0, 1)) == Feature("bit", "integer", allowed=(0, 1))
    halves = column_of("halves", TABLE["halves"])
    assert target_feature(halves, "tabular-classification", (0.5, 1.0)).allowed == (0.5, 1.0)
    truth = column_of("truth", TABLE["truth"])
    assert target_feature(truth, "tabular-classification", (False, True)) == Feature("truth", "boolean")
    assert [kind_of_labels(labels) for labels in ((), (False, True), ("a", "b"), (0, 1))] == [
        None,
        None,
        "string",
        "integer",
    ]


@pytest.mark.parametrize(
    ("name", "task", "feature"),
    [
        ("left", "tabular-classification", Feature("left", "string", allowed=("no", "yes"))),
        ("stars", "tabular-classification", Feature("stars", "integer", allowed=(0, 1, 2, 3, 4))),
        ("stars", "tabular-regression", Feature("stars", "number")),
        ("price", "tabular-regression", Feature("price", "number")),
    ],
)
def test_classes_are_a_closed_list_and_a_number_is_open(name: str, task: Task, feature: Feature) -> None:
    assert target_feature(column_of(name, TABLE[name]), task) == feature


@pytest.mark.parametrize(
    ("cells", "task", "message"),
    [
        (["no", "yes"], "tabular-regression", "a regression predicts numbers, and these are texts"),
        (["true", "False"], "tabular-regression", "a regression predicts numbers, and these are true and false"),
        (["0.5", "1.5"], "tabular-classification", "and these are fractional"),
        ([f"c{number}" for number in range(101)], "tabular-classification", "101 different values are too many"),
    ],
)
def test_a_target_of_another_task_is_refused(cells: list[str], task: Task, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message) as refusal:
        target_feature(column_of("x", cells), task)
    assert refusal.value.faults[0].loc == ("file", "x")


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (
            ["a", "b", "", "a", None],
            "2 rows have no value to learn from, the first is row 3 below the header",
        ),
        (["a", "a"], "all rows have the same value"),
    ],
)
def test_a_target_that_teaches_nothing_is_refused(cells: list[Any], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        refuse_bad_target(column_of("x", cells))
