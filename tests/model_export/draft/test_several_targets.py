"""Several columns to predict: their task, their types, and what is refused with the option that helps."""

from __future__ import annotations

from typing import Any

import pytest

from functions.core.errors import DefinitionError, InvalidInputError
from functions.core.schema import Feature
from model_export.draft.columns import TableColumn, column_of
from model_export.draft.estimator import Facts
from model_export.draft.several_targets import (
    refuse_bad_targets,
    refuse_misnamed_targets,
    refuse_other_order,
    target_features,
    targets_note,
    task_of_targets,
)

TABLE: dict[str, list[Any]] = {
    "precio €": [f"{number}.5" for number in range(60)],
    "a.b": [str(number) for number in range(60)],
    "bit": ["0", "1"] * 30,
    "left": ["no", "yes"] * 30,
    "truth": [True, False] * 30,
    "same": ["0"] * 60,
    "hole": [*["1", "2"] * 29, None, "2"],
}


def columns(*names: str) -> list[TableColumn]:
    return [column_of(name, TABLE[name]) for name in names]


def facts(targets: int, *, labels: tuple[Any, ...] = (), is_classifier: bool = False) -> Facts:
    return Facts(is_classifier, False, ("x",), 1, labels=labels, targets=targets)


@pytest.mark.parametrize(
    ("names", "task"),
    [
        (("precio €", "a.b"), "tabular-regression"),
        (("bit", "left", "truth"), "tabular-classification"),
        # whole numbers of few values are as the others are
        (("bit", "precio €"), "tabular-regression"),
        (("bit", "a.b"), "tabular-regression"),
    ],
)
def test_the_task_is_of_all_targets(names: tuple[str, ...], task: str) -> None:
    assert task_of_targets(columns(*names), None) == task


def test_the_pipeline_decides_the_task() -> None:
    assert task_of_targets(columns("bit", "bit"), facts(2)) == "tabular-regression"
    assert task_of_targets(columns("bit", "a.b"), facts(2, is_classifier=True)) == "tabular-classification"


@pytest.mark.parametrize("label", ["left", "truth"])
def test_texts_beside_numbers_are_refused(label: str) -> None:
    with pytest.raises(InvalidInputError, match=r"such as precio €, or labels, such as these, and not both: make one"):
        task_of_targets(columns("precio €", label), None)


def test_a_target_that_is_named_twice_is_refused() -> None:
    with pytest.raises(DefinitionError, match=r"--target a\.b is given twice"):
        refuse_misnamed_targets(["a.b", "x", "a.b"], None)


@pytest.mark.parametrize(
    ("names", "targets", "reason"),
    [
        (["a"], 2, "predicts 2 targets, and a is named: give a --target for each"),
        (["a", "b", "c"], 2, "predicts 2 targets, and a, b, c is named: give a --target for each"),
        (["a", "b"], 1, "the pipeline predicts one target, and 2 are named, a, b"),
    ],
)
def test_another_number_of_targets_than_the_pipeline_predicts_is_refused(
    names: list[str], targets: int, reason: str
) -> None:
    with pytest.raises(DefinitionError, match=reason):
        refuse_misnamed_targets(names, facts(targets))


def test_as_many_targets_as_the_pipeline_predicts_are_taken() -> None:
    refuse_misnamed_targets(["a", "b"], facts(2))
    refuse_misnamed_targets(["a", "b"], None)


def test_the_order_of_a_binarizer_is_held_against_that_of_the_options() -> None:
    with pytest.raises(DefinitionError, match=r"in another order than the targets: --target 'b c' --target a"):
        refuse_other_order(["a", "b c"], ["b c", "a"])
    refuse_other_order(["a", "b c"], ["a", "b c"])
    refuse_other_order(["a", "x"], ["b", "a"])
    refuse_other_order(["a"], ())


def test_a_label_of_a_fitted_pipeline_may_be_the_same_in_all_rows() -> None:
    refuse_bad_targets(columns("bit", "same"), is_fitted=True)
    for found, is_fitted in ((("bit", "same"), False), (("same", "same"), True), (("same",), True)):
        with pytest.raises(InvalidInputError, match="all rows have the same value"):
            refuse_bad_targets(columns(*found), is_fitted=is_fitted)


def test_a_target_with_holes_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="1 rows have no value to learn from"):
        refuse_bad_targets(columns("bit", "hole"), is_fitted=True)


def test_each_target_keeps_its_type() -> None:
    assert target_features(columns("left", "truth", "bit"), "tabular-classification", None) == (
        Feature("left", "string", allowed=("no", "yes")),
        Feature("truth", "boolean"),
        Feature("bit", "integer", allowed=(0, 1)),
    )
    assert target_features(columns("precio €", "bit"), "tabular-regression", None) == (
        Feature("precio €", "number"),
        Feature("bit", "number"),
    )
    assert target_features(columns("left"), "tabular-classification", None) == Feature(
        "left", "string", allowed=("no", "yes")
    )


def test_labels_that_the_table_lacks_are_those_of_the_pipeline() -> None:
    known = facts(2, labels=((0, 1), ("maybe", "no", "yes")), is_classifier=True)
    same, left = target_features(columns("same", "left"), "tabular-classification", known)  # type: ignore[misc]
    assert (same.allowed, left.allowed) == ((0, 1), ("maybe", "no", "yes"))


def test_labels_of_another_type_are_not_mixed_in() -> None:
    known = facts(2, labels=((0, 1), (0, 1)), is_classifier=True)
    _, left = target_features(columns("bit", "left"), "tabular-classification", known)  # type: ignore[misc]
    assert left.allowed == ("no", "yes")


def test_the_order_of_the_targets_is_told_where_it_is_assumed() -> None:
    assert targets_note(columns("precio €", "a.b"), "tabular-regression", is_given=False, facts=None) == (
        "tabular-regression: 2 numbers are predicted together, precio €, a.b"
    )
    told = targets_note(columns("bit", "left"), "tabular-classification", is_given=False, facts=facts(2))
    assert told.startswith("tabular-classification: 2 labels are predicted together, bit, left; the pipeline does not")
    assert told.endswith("assumed to be in the order of --target")
    one = targets_note(columns("left"), "tabular-classification", is_given=False, facts=None)
    assert one == "tabular-classification: left is one of 2 texts"
