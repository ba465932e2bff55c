"""Drafts inferred from tables."""

from __future__ import annotations

from dataclasses import replace
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
    assert list(found) == ["town", "age", "flag", "day", "price", "stars"]
    assert [one.type for one in found.values()] == ["string", "integer", "integer", "datetime", "number", "integer"]
    assert [one.nullable for one in found.values()] == [True, False, False, False, False, False]
    assert found["flag"].allowed == (0, 1)
    assert found["town"].allowed == found["stars"].allowed == ()


def test_notes_begin_with_the_task_and_name_columns_left_out() -> None:
    notes = draft().notes
    assert notes[0] == "tabular-classification: left is one of 2 texts"
    assert "other_id identifies the rows: it is sent back with predictions and never used" in notes
    assert any(note.startswith("dates and times without time zone: day; the proposed pipeline reads") for note in notes)
    assert {"code", "same", "the column without a name"} == {
        note.partition(" is left out: ")[0] for note in notes if " is left out: " in note
    }
    assert draft().schema.id == "other_id"


@pytest.mark.parametrize(
    ("target", "task", "kind", "allowed"),
    [
        ("left", "tabular-classification", "string", ("no", "yes")),
        ("stars", "tabular-classification", "integer", (0, 1, 2, 3, 4)),
        ("price", "tabular-regression", "number", ()),
    ],
)
def test_the_task_follows_from_the_target(target: str, task: str, kind: str, allowed: Any) -> None:
    found = draft(target)
    assert (found.task, found.schema.target.type, found.schema.target.allowed) == (task, kind, allowed)


UTC_TIMES = [f"2024-01-{1 + number % 28:02d}T10:30:00+02:00" for number in range(ROWS)]


def test_times_with_an_offset_are_in_utc() -> None:
    found = draft(table={**TABLE, "seen": UTC_TIMES})
    (seen,) = (one for one in found.schema.features if one.name == "seen")
    assert (seen.type, seen.time_zone) == ("datetime", "UTC")
    assert found.columns["seen"].values[0] == "2024-01-01T08:30:00Z"
    assert any(note.startswith("dates and times in UTC: seen; the proposed pipeline reads") for note in found.notes)


def test_a_pipeline_takes_dates_only_where_it_reads_their_parts() -> None:
    read = facts("day", "age", time_zones={"day": "none"}, kinds={"day": "datetime"})
    assert [one.type for one in draft(facts=read).schema.features] == ["datetime", "integer"]
    assert "dates and times without time zone: day" in draft(facts=read).notes
    assert [one.type for one in draft(facts=facts("day", "age")).schema.features] == ["string", "integer"]
    unread = replace(facts("day", "age"), read=frozenset({"age"}))
    assert [one.type for one in draft(facts=unread).schema.features] == ["datetime", "integer"]


@pytest.mark.parametrize(
    ("known", "cells", "reason"),
    [
        ("UTC", TABLE["day"], "fitted on times of day in UTC, and those of the table have no offset"),
        ("none", UTC_TIMES, "fitted on times of day without time zone, and those of the table have an offset"),
    ],
)
def test_times_of_another_time_zone_than_the_pipelines_are_refused(known: Any, cells: list[Any], reason: str) -> None:
    read = facts("day", time_zones={"day": known}, kinds={"day": "datetime"})
    with pytest.raises(DefinitionError, match=reason):
        draft(table={**TABLE, "day": cells}, facts=read)


def test_dates_are_no_target() -> None:
    with pytest.raises(InvalidInputError, match="predict the days until then, as a number"):
        draft("day")


def test_the_task_can_be_given() -> None:
    assert draft("stars", task="tabular-regression").task == "tabular-regression"


@pytest.mark.parametrize(
    ("labels", "kind", "allowed"),
    [
        ((), "boolean", ()),
        ((False, True), "boolean", ()),
        (("False", "True"), "string", ("False", "True")),
        ((0, 1), "integer", (0, 1)),
    ],
)
def test_truth_as_a_target_has_the_type_of_the_classes(labels: tuple[Any, ...], kind: str, allowed: Any) -> None:
    known = facts("stars", labels=labels) if labels else None
    found = draft("gone", {**TABLE, "gone": ["True", "False"] * 30}, facts=known)
    assert (found.schema.target.type, found.schema.target.allowed) == (kind, allowed)


def test_booleans_are_features_of_their_own_type_with_one_note() -> None:
    dummies = {f"town_{number}": [number % 2 == row % 3 for row in range(ROWS)] for number in range(3)}
    found = draft("left", {**TABLE, **dummies, "paid": ["true", "", "false"] * (ROWS // 3)})
    features = {feature.name: feature for feature in found.schema.features}
    assert {features[name].type for name in (*dummies, "paid")} == {"boolean"}
    assert [features[name].nullable for name in ("town_0", "paid")] == [False, True]
    assert [note for note in found.notes if "true" in note] == ["true or false: town_0, town_1, town_2, paid"]


TEXTS = [f"a text of many words, number {number}" for number in range(ROWS)]


def test_long_texts_alone_make_a_text_model() -> None:
    table = {"id": TABLE["other_id"], "title": TEXTS, "body": [*TEXTS[1:], ""], "left": TABLE["left"]}
    found = draft(table=table)
    assert (found.task, found.schema.feature_names) == ("text-classification", ("text",))
    assert found.files.join == {"text": ("title", "body")}
    assert not found.schema.features[0].categorical


def test_a_text_among_numbers_is_a_column_unless_a_text_model_is_asked_for() -> None:
    table = {"title": TEXTS, "age": TABLE["age"], "left": TABLE["left"]}
    found = draft(table=table)
    assert found.task == "tabular-classification"
    assert not found.schema.features[0].categorical
    assert draft(table=table, task="text-classification").schema.feature_names == ("title",)


def test_a_number_predicted_from_texts_makes_a_table_of_free_text() -> None:
    found = draft(target="price", table={"title": TEXTS, "price": TABLE["price"]})
    assert (found.task, found.schema.feature_names) == ("tabular-regression", ("title",))
    assert not found.schema.features[0].categorical
    assert found.files.fill == {}


def test_a_missing_text_is_a_blank_one() -> None:
    found = draft(table={"title": [*TEXTS[1:], ""], "left": TABLE["left"]})
    assert found.files.fill == {"title": " "}
    assert not found.schema.features[0].nullable


def test_the_kinds_and_closed_lists_of_a_pipeline_count() -> None:
    found = draft(facts=facts("flag", "town", kinds={"flag": "string"}, closed={"town": ("Cork", "Málaga")}))
    flag, town = found.schema.features
    assert (flag.type, flag.allowed) == ("string", ())
    assert (town.allowed, town.nullable) == (("Cork", "Málaga"), True)


@pytest.mark.parametrize(
    ("facts", "options", "message"),
    [
        (facts("age", is_classifier=False), {"task": "tabular-classification"}, "is a regressor, not tabular-class"),
        (facts("age"), {"task": "tabular-regression"}, "is a classifier, not tabular-regression"),
    ],
)
def test_a_pipeline_of_another_task_is_refused(facts: Facts, options: dict[str, Any], message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        draft(facts=facts, **options)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("instances", {}, 'a body {"instances": [...]} holds several instances; pass --rename instances=instances_col'),
        ("instances", {"facts": facts("instances")}, "fit the pipeline on another name and pass --rename"),
        ("texts", {"task": "text-classification"}, "pass --rename texts=texts_column"),
        ("a\0b", {}, r"column 'a\x00b': it holds a NUL character"),
        ("\ufeffa", {}, "call it 'a'"),
    ],
)
def test_a_name_that_no_feature_can_have_is_refused_with_another(name: str, options: Any, message: str) -> None:
    table = {name: TEXTS if "task" in options else TABLE["stars"], "left": TABLE["left"]}
    with pytest.raises(DefinitionError) as refusal:
        draft(table=table, **options)
    assert message in str(refusal.value)


def test_an_id_cannot_be_called_instances_and_a_target_can() -> None:
    with pytest.raises(DefinitionError, match="--rename instances="):
        draft(table={"instances": TABLE["code"], "age": TABLE["age"], "left": TABLE["left"]})
    assert draft("instances", {"instances": TABLE["left"], "age": TABLE["age"]}).schema.target.name == "instances"


def test_a_reserved_name_that_is_left_out_or_renamed_is_no_fault() -> None:
    assert draft(table={**TABLE, "instances": TABLE["same"]}).schema.feature_names[0] == "town"
    renamed = draft(table={"instances": TABLE["stars"], "left": TABLE["left"]}, rename={"instances": "units"})
    assert renamed.schema.feature_names == ("units",)
    assert renamed.files.rename == {"instances": "units"}


def test_the_target_may_be_renamed() -> None:
    assert draft("left", rename={"left": "gone"}).schema.target.name == "gone"
    assert draft("gone", rename={"left": "gone"}).schema.target.name == "gone"


@pytest.mark.parametrize(
    ("target", "table", "message"),
    [
        ("Left", TABLE, "did you mean 'left'"),
        ("nothing", TABLE, "the file has no such column; it has code, other_id"),
        ("town", TABLE, "20 rows have no value to learn from, the first is row 3 below the header"),
        ("left", {"left": TABLE["left"], "same": TABLE["same"]}, "no column is left to predict from"),
        ("left", {"left": TABLE["left"], "nested": [[1]] * ROWS}, "a value is a text or a number"),
    ],
)
def test_a_table_that_cannot_be_learned_from_is_refused(target: str, table: Any, message: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        draft(target, table)
    assert message in str(refusal.value)


def test_what_the_pipeline_knows_is_not_refused_though_the_table_lacks_it() -> None:
    known = facts("flag", "town", numbers={"flag": frozenset({0.0, 1.0, 2.0})}, missing=frozenset({"flag"}))
    found = draft("left", {**TABLE, "town": ["Cork", "Lyon"] * 30}, facts=known)
    flag, town = found.schema.features
    assert (flag.allowed, flag.nullable) == ((), True)
    assert (town.allowed, town.nullable) == ((), False)
    (flag,) = draft("left", facts=facts("flag", numbers={"flag": frozenset({0.0, 1.0})})).schema.features
    assert flag.allowed == (0, 1)
