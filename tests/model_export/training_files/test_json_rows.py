"""Instances in JSON and JSON Lines, and keys that are named twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from functions.core.errors import Fault, InvalidInputError
from model_export.training_files import json_rows
from model_export.training_files.json_rows import read_json, read_json_lines
from model_export.training_files.sheet import Sheet


def faults_of(read: Callable[[str], Sheet], text: str) -> list[Fault]:
    with pytest.raises(InvalidInputError) as caught:
        read(text)
    return list(caught.value.faults)


def test_columns_are_all_keys_in_their_first_order() -> None:
    sheet = read_json('[{"b":1},{"a":"x","b":null}]')
    assert (sheet.header, sheet.columns, sheet.is_text) == (("b", "a"), ([1, None], [None, "x"]), False)
    by_line = read_json_lines('{"b":1}\n\r\n{"a":"x","b":null}\r')
    assert replace(by_line, lines=None) == sheet
    assert [by_line.where(row) for row in range(2)] == ["line 1", "line 3"]
    assert [sheet.where(row) for row in range(2)] == ["row 0", "row 1"]


def test_every_broken_line_is_reported_by_its_number() -> None:
    assert [(fault.loc, fault.msg[:8]) for fault in faults_of(read_json_lines, '{"a":1}\n\n{"a":\n{"a":2}\nx\n')] == [
        (("line", 3), "not JSON"),
        (("line", 5), "not JSON"),
    ]


def test_a_line_separator_within_a_text_ends_no_line() -> None:
    assert read_json_lines('{"a":"x\u2028y\x85z"}\n').columns == (["x\u2028y\x85z"],)


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_what_python_writes_for_no_number_is_named(word: str) -> None:
    (fault,) = faults_of(read_json, f'[{{"a": {word}}}]')
    assert fault.msg.endswith("JSON has no NaN or Infinity: write null")


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, '[{"a":1,"a":' + "[" * 1020 + "]" * 1020 + "}]"])
def test_deep_nesting_is_refused(text: str) -> None:
    assert {fault.type for fault in faults_of(read_json, text)} <= {"json_invalid", "repeated_key"}


class TestRepeatedKeys:
    """Without the check, the last of two values would silently win."""

    FAULT = Fault((1, "a"), "the instance has this key more than once", "repeated_key")

    @pytest.mark.parametrize("mark", ['":', '": ', '" : '])
    def test_they_are_refused_in_their_row(self, mark: str) -> None:
        rows = ['{"a":1}', f'{{"a{mark}1,"b{mark}3,"a{mark}2}}']
        assert faults_of(read_json, f"[{','.join(rows)}]") == [self.FAULT]
        assert faults_of(read_json, f'{{"instances":[{",".join(rows)}]}}') == [self.FAULT]
        assert faults_of(read_json_lines, "\n\n".join(rows)) == [replace(self.FAULT, loc=("line", 3, "a"))]

    def test_they_are_found_by_what_they_say(self) -> None:
        assert faults_of(read_json, '[{},{"a":1,"\\u0061":2}]') == [self.FAULT]

    def test_texts_that_look_like_keys_are_none(self) -> None:
        assert read_json(r'[{"a":"\"a\":\"a\":"}]').columns == (['"a":"a":'],)

    def test_objects_within_instances_are_counted_apart(self) -> None:
        assert read_json('[{"a":{"a":1,"b":2}}]').columns == ([{"a": 1, "b": 2}],)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_json, "[" + "{}," * 1100 + "{}]"),
        (read_json, '{"instances":[' + "[]," * 1100 + "[]]}"),
        (read_json_lines, "{}\n" * 1100),
        (read_json_lines, "1\r" * 2100),
    ],
)
def test_very_many_rows_are_refused_before_they_are_parsed(
    monkeypatch: pytest.MonkeyPatch, read: Callable[[str], Sheet], text: str
) -> None:
    monkeypatch.setattr(json_rows, "MOST_ROWS", 1000)
    (fault,) = faults_of(read, text)
    assert (fault.loc, fault.type) == (("file",), "too_many_rows")
