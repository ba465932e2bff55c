"""The files that workers read as they are, and those that they do not."""

from __future__ import annotations

import unicodedata

import pytest

from functions.batches.plain_file import NotPlainError, PlainFile, plain_file
from functions.core.definition import FileSettings
from functions.core.schema import Feature, Schema

SCHEMA = Schema((Feature("age", "integer"), Feature("plan", "string", nullable=True)), Feature("left", "boolean"), "id")
AS_WRITTEN = FileSettings()


def found(head: bytes, name: str = "rows.csv", files: FileSettings = AS_WRITTEN) -> PlainFile:
    return plain_file(head, name, SCHEMA, files)


@pytest.mark.parametrize(
    ("head", "header", "start"),
    [
        (b"age,plan\n1,a\n", ("age", "plan"), 9),
        (b"age,plan\r\n1,a\r\n", ("age", "plan"), 10),
        (b"\xef\xbb\xbfage,plan\n", ("age", "plan"), 12),
        (b"age", ("age",), 3),
        (b'"age","pl ""x"""\n', ("age", 'pl "x"'), 17),
        ("age,año,,\n".encode(), ("age", "año", "", ""), 11),
        (b" age ,left,id\n", (" age ", "left", "id"), 14),
    ],
)
def test_a_csv_file_with_the_columns_of_the_model_is_plain(head: bytes, header: tuple[str, ...], start: int) -> None:
    assert found(head) == PlainFile("csv", header, start, 2)


def test_columns_are_spelled_as_the_settings_say() -> None:
    files = FileSettings(snake_case_columns=True, rename={"the_age": "age"})
    assert found(b"The Age\n", files=files).header == ("The Age",)


def test_json_lines_begin_with_an_object() -> None:
    assert found(b'\xef\xbb\xbf\n {"age": 1}\n', "rows.JSONL") == PlainFile("jsonl", (), 3, 1)
    with pytest.raises(NotPlainError, match="does not begin with an object"):
        found(b"[1]", "rows.jsonl")


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"plan\na\n", "lacks columns of the model: age"),
        (b"age,age\n1,1\n", "'age' more than once"),
        (b"age,left,left\n", "'left' more than once"),
        (b'age,"pl\nan"\n', "line break"),
        (b"age,plan\r1,a\r", "line break"),
        (b"age,\0\n", "NUL"),
        (b'age,"a"b\n', "no CSV in UTF-8"),
        (b"age,a\xf1o\n", "no CSV in UTF-8"),
        ("age\n1\n".encode("utf-16"), "NUL"),
        (b"age;plan\n", "may separate its cells"),
        (b"age,a;b\n", "may separate its cells"),
        (b"sep=,\nage\n", "lacks columns"),
        (b"\nage\n", "lacks columns"),
    ],
)
def test_any_other_header_is_for_the_reader_of_training_files(head: bytes, reason: str) -> None:
    with pytest.raises(NotPlainError, match=reason):
        found(head)


@pytest.mark.parametrize("name", ["rows.csv.gz", "rows.json", "rows.parquet", "rows", "csv"])
def test_other_forms_are_not_plain(name: str) -> None:
    with pytest.raises(NotPlainError, match="ends neither in"):
        found(b"age\n1\n", name)


@pytest.mark.parametrize(
    ("files", "name"),
    [
        (FileSettings(join={"plan": ["a", "b"]}), "rows.csv"),
        (FileSettings(date_order={"day": "day-month-year"}), "rows.csv"),
        (FileSettings(rename_values={"age": {"one": "1"}}), "rows.jsonl"),
    ],
)
def test_settings_that_need_the_other_reader_make_no_file_plain(files: FileSettings, name: str) -> None:
    with pytest.raises(NotPlainError):
        found(b"age\n1\n" if name.endswith("csv") else b"{}", name, files)


def test_csv_with_a_declared_decimal_comma_is_for_the_reader_of_training_files() -> None:
    files = FileSettings(decimal=",")
    with pytest.raises(NotPlainError, match="decimal = ','"):
        found(b"age\n70.000\n", files=files)
    assert found(b'{"age": 1}', "rows.jsonl", files).form == "jsonl"  # JSON has numbers
    assert found(b"age\n70\n", files=FileSettings(decimal=".")).form == "csv"


def test_columns_in_another_unicode_form_are_those_of_the_model() -> None:
    apart = unicodedata.normalize("NFD", "año")
    schema = Schema((Feature("año", "integer"),), Feature("left", "boolean"))
    assert plain_file(f"{apart}\n1\n".encode(), "rows.csv", schema, AS_WRITTEN).header == (apart,)
    with pytest.raises(NotPlainError, match="'año' more than once"):
        plain_file(f"{apart},año\n1,2\n".encode(), "rows.csv", schema, AS_WRITTEN)


def test_a_model_whose_columns_may_all_be_absent_still_needs_one_of_them() -> None:
    schema = Schema((Feature("plan", "string", nullable=True),), Feature("left", "boolean"))
    with pytest.raises(NotPlainError, match="lacks columns of the model: plan"):
        plain_file(b"colour\nred\n", "rows.csv", schema, AS_WRITTEN)
