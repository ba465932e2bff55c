"""A table becomes a draft."""

from __future__ import annotations

from typing import Any

import pytest

from functions.core.errors import DefinitionError, InvalidInputError
from model_export.draft.estimator import Facts
from model_export.draft.infer import Draft, infer

ROWS = 60
TABLE: dict[str, list[Any]] = {
    "code": [f"k{number}" for number in range(ROWS)],
    "other_id": list(range(ROWS)),
    "town": ["Cork", "Málaga", ""] * 20,
    "age": [str(number) for number in range(ROWS)],
    "flag": ["0", "1"] * 30,
    "same": ["x"] * ROWS,
    "day": [f"2024-01-{1 + number % 28:02d}" for number in range(ROWS)],
    "": list(range(ROWS)),
    "left": ["no", "yes"] * 30,
    "price": [f"{number}.5" for number in range(ROWS)],
    "stars": [str(number % 5) for number in range(ROWS)],
}


def draft(target: str = "left", table: dict[str, list[Any]] = TABLE, **options: Any) -> Draft:
    return infer("model", table, target=target, **options)


def facts(*columns: str, is_classifier: bool = True, **others: Any) -> Facts:
    return Facts(is_classifier, False, columns, len(columns), frozenset(columns), **others)


def test_features_types_holes_and_closed_lists() -> None:
    found = {one.name: one for one in draft().schema.features}
    assert list(found) == ["town", "age", "flag", "price", "stars"]
    assert [one.type for one in found.values()] == ["string", "integer", "integer", "number", "integer"]
    assert [one.nullable for one in found.values()] == [True, False, False, False, False]
    assert found["flag"].allowed == (0, 1)
    assert found["town"].allowed == found["stars"].allowed == ()


def test_one_id_is_sent_back_and_others_are_left_out() -> None:
    found = draft()
    assert found.schema.id == "other_id"
    assert "code is left out: every row has its own value" in found.notes


def test_what_is_left_out_is_told() -> None:
    told = "\n".join(draft().notes)
    assert "same is left out: all rows have the same value" in told
    assert "day is left out: dates are no numbers" in told
    assert "the column without a name is left out" in told


@pytest.mark.parametrize(
    ("target", "task", "kind", "allowed", "hint"),
    [
        ("left", "tabular-classification", "string", ("no", "yes"), ""),
        ("stars", "tabular-classification", "integer", (0, 1, 2, 3, 4), "--task tabular-regression"),
        ("flag", "tabular-classification", "integer", (0, 1), "--task tabular-regression"),
        ("price", "tabular-regression", "number", (), "--task tabular-classification"),
        ("age", "tabular-regression", "number", (), "--task tabular-classification"),
    ],
)
def test_the_task_is_that_of_the_target(target: str, task: str, kind: str, allowed: Any, hint: str) -> None:
    found = draft(target)
    answer = found.schema.target
    assert (found.task, answer.type, answer.allowed) == (task, kind, allowed)
    assert found.notes[0].startswith(f"{task}: {target} is ")
    assert hint in found.notes[0]
    assert ("--task" in found.notes[0]) is bool(hint)


def test_the_task_can_be_told() -> None:
    assert draft("stars", task="tabular-regression").task == "tabular-regression"
    with pytest.raises(InvalidInputError, match="fractional numbers are no classes"):
        draft("price", task="tabular-classification")
    with pytest.raises(InvalidInputError, match="texts are no numbers"):
        draft("left", task="tabular-regression")


def test_truth_as_a_target_keeps_its_names() -> None:
    found = draft("gone", {**TABLE, "gone": ["True", "False"] * 30})
    assert (found.schema.target.type, found.schema.target.allowed) == ("string", ("False", "True"))


TEXTS = [f"a text of many words, number {number}" for number in range(ROWS)]


def test_long_texts_alone_make_a_text_model_that_reads_them_together() -> None:
    table = {"id": TABLE["other_id"], "title": TEXTS, "body": [*TEXTS[1:], ""], "left": TABLE["left"]}
    found = draft(table=table)
    assert found.task == "text-classification"
    assert found.schema.feature_names == ("text",)
    assert found.files.join == {"text": ("title", "body")}
    assert not found.schema.features[0].categorical
    assert found.columns["text"].values[0] == f"{TEXTS[0]} {TEXTS[1]}"


def test_a_missing_text_is_a_blank_one() -> None:
    found = draft(table={"title": [*TEXTS[1:], ""], "left": TABLE["left"]})
    assert found.files.fill == {"title": " "}
    assert not found.schema.features[0].nullable


def test_a_text_beside_numbers_is_a_column() -> None:
    found = draft(table={"title": TEXTS, "age": TABLE["age"], "left": TABLE["left"]})
    assert found.task == "tabular-classification"
    assert not found.schema.features[0].categorical


def test_a_text_model_can_be_asked_for() -> None:
    table = {"title": TEXTS, "age": TABLE["age"], "left": TABLE["left"]}
    assert draft(table=table, task="text-classification").schema.feature_names == ("title",)


def test_other_words_for_missing_are_written_down() -> None:
    found = draft(table={**TABLE, "age": ["NULL", *TABLE["age"][1:]]})
    assert found.files.missing[-1] == "NULL"
    assert draft().files.missing[-1] == "None"


def test_a_pipeline_decides_on_columns_and_their_order() -> None:
    found = draft(facts=facts("price", "same", "town"))
    assert found.schema.feature_names == ("price", "same", "town")
    assert "not among the columns of the pipeline: age, flag, day, , stars" in found.notes


def test_columns_that_a_pipeline_never_reads_may_be_left_out() -> None:
    found = draft(facts=Facts(True, False, ("age", "left", "gone", "price"), 4, frozenset({"price"})))
    assert [(one.name, one.nullable) for one in found.schema.features] == [("age", True), ("price", False)]


def test_a_pipeline_of_another_table_is_refused() -> None:
    with pytest.raises(DefinitionError, match="fitted on salary, which the table lacks; it has"):
        draft(facts=facts("age", "salary"))
    with pytest.raises(DefinitionError, match=r"fitted on 3 columns without names, and \d are left"):
        draft(facts=Facts(True, False, None, 3))
    with pytest.raises(DefinitionError, match="the pipeline is a regressor, not tabular-classification"):
        draft(facts=facts("age", is_classifier=False), task="tabular-classification")


def test_the_kinds_and_closed_lists_of_a_pipeline_count() -> None:
    found = draft(facts=facts("flag", "town", kinds={"flag": "string"}, closed={"town": ("Cork", "Málaga")}))
    flag, town = found.schema.features
    assert (flag.type, flag.allowed) == ("string", ())
    assert (town.allowed, town.nullable) == (("Cork", "Málaga"), True)


def test_snake_case_is_what_the_pipeline_knows() -> None:
    table = {"Home Town": ["New York", "Cork"] * 30, "Left": ["No", "Yes"] * 30}
    found = draft("Left", table, facts=facts("home_town", levels={"home_town": frozenset({"new_york", "cork"})}))
    assert (found.files.snake_case_columns, found.files.snake_case_values) == (True, True)
    assert found.schema.feature_names == ("home_town",)
    assert (found.schema.target.name, found.schema.target.allowed) == ("left", ("no", "yes"))


@pytest.mark.parametrize(
    ("target", "table", "told"),
    [
        ("Left", TABLE, "did you mean 'left'"),
        ("nothing", TABLE, "the file has no such column; it has code, other_id"),
        ("town", TABLE, "20 rows have no value to learn from, row 2 first"),
        ("same", TABLE, "all rows have the same value"),
        ("left", {"left": TABLE["left"], "same": TABLE["same"]}, "no column is left to predict from"),
        ("left", {"left": TABLE["left"], "nested": [[1]] * ROWS}, "a value is a text or a number"),
        ("many", {"many": [f"c{number}" for number in range(101)], "age": list(range(101))}, "101 different values"),
    ],
)
def test_a_table_that_cannot_be_learned_from_is_refused(target: str, table: Any, told: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        draft(target, table)
    assert told in str(refusal.value)
