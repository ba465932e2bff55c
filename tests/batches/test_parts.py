"""The files of results, of which any reader makes the same rows."""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import replace
from typing import Any

import numpy as np
import orjson
import pytest

from functions.batches.parts import compressed, csv_lines, error_lines, flat_header, header_line, json_lines, kept_names
from functions.batches.plain_file import PlainFile
from functions.batches.rows import Rows
from functions.core.errors import Fault
from functions.predictors.predictions import LabelledRows
from tests.batches.small_batches import documents, plan_of

PLAN = plan_of(PlainFile("csv", ("a", "b"), 0, 2))
WARNING = Fault(("a",), "missing: the pipeline imputes it", "missing_value")
LABELLED = LabelledRows(np.array([0, 1]), np.array([[0.75, 0.25], [1 / 3, 2 / 3]]), ["no", 'y"s'], "probabilities")


def read_csv(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode(), newline="")))


def rows_of(ids: list[str] | None = None, kept: tuple[Any, ...] = ()) -> Rows:
    return Rows([2, 5], {"a": [1, 2]}, ids, kept)


def test_json_lines_have_what_there_is() -> None:
    assert documents(json_lines(PLAN, rows_of(), [1.5, 2.0], [[], [WARNING]])) == [
        {"line": 2, "prediction": 1.5},
        {"line": 5, "prediction": 2.0, "warnings": [WARNING.to_dict()]},
    ]
    kept = replace(PLAN, kept=("a", "b"))
    found = documents(json_lines(kept, rows_of(["x", ""], (["1", "2"], ["é\n", ""])), LABELLED, [[], []]))
    assert found[0] == {"line": 2, "id": "x", "columns": {"a": "1", "b": "é\n"}, "prediction": LABELLED[0]}
    assert found[1] == {"line": 5, "id": None, "columns": {"a": "2", "b": ""}, "prediction": LABELLED[1]}


def test_objects_that_were_sent_are_kept_as_they_are() -> None:
    plan = replace(PLAN, form="jsonl", kept=("a",))
    sent = [{"a": 1, "line": 7}, {"c": [{"line": 1}]}]
    assert [one["columns"] for one in documents(json_lines(plan, rows_of(None, (sent,)), [1.0, 2.0], [[], []]))] == sent


@pytest.mark.parametrize(
    ("kept", "id_name", "prediction", "header"),
    [
        ((), None, 1.5, ("line", "prediction", "warnings")),
        ((), "id", LABELLED[0], ("line", "id", "prediction", "score", "score_no", 'score_y"s', "warnings")),
        ((), "line", 1.5, ("line", "line_", "prediction", "warnings")),
        (("prediction", "id"), "id", 1.5, ("prediction", "id", "prediction_", "warnings")),
        ((), None, {"label": "a", "decision": 0.5}, ("line", "prediction", "decision", "warnings")),
        (
            (),
            None,
            {"x": 1.0, "y": {"label": "a", "score": 0.5, "scores": {"a": 0.5}}},
            ("line", "x", "y_prediction", "y_score", "y_score_a", "warnings"),
        ),
        ((), None, {"answer": "in", "start": 1, "end": 3}, ("line", "prediction", "start", "end", "warnings")),
    ],
)
def test_a_csv_output_has_a_column_for_each_number(
    kept: tuple[str, ...], id_name: str | None, prediction: Any, header: tuple[str, ...]
) -> None:
    assert flat_header(kept, id_name, prediction) == header
    body = header_line(header) + csv_lines(
        Rows([2], {}, None if id_name is None else ["7"], tuple([name] for name in kept)), [prediction], [[]]
    )
    (row,) = read_csv(body)
    assert set(row) == set(header)
    assert row["warnings"] == ""
    assert row.get("line", "2") == "2"


def test_csv_rows_have_the_numbers_of_json() -> None:
    header = flat_header((), "id", LABELLED[0])
    body = header_line(header) + csv_lines(rows_of(["x,\r", "é"]), LABELLED, [[WARNING, WARNING], []])
    first, second = read_csv(body)
    assert first["id"] == "x,\r"
    assert first["warnings"] == "a: missing: the pipeline imputes it; a: missing: the pipeline imputes it"
    assert (second["prediction"], second["score"]) == ('y"s', orjson.dumps(2 / 3).decode())
    assert (float(second["score_no"]), second["line"]) == (1 / 3, "5")


def test_columns_without_a_name_of_their_own_get_one() -> None:
    assert kept_names(["a", "", " a", "", "column_2"]) == ("a", "column_2", "a_", "column_4", "column_2_")


def test_a_fault_names_its_line_and_its_column() -> None:
    assert documents(error_lines([Fault((3, "a"), "bad", "kind"), Fault((4,), "worse", "other")])) == [
        {"line": 3, "column": "a", "msg": "bad", "type": "kind"},
        {"line": 4, "column": None, "msg": "worse", "type": "other"},
    ]


def test_equal_parts_have_equal_bytes_and_may_be_joined() -> None:
    assert compressed(b"ab") == compressed(b"ab")
    assert gzip.decompress(compressed(b"ab") + compressed(b"") + compressed(b"c")) == b"abc"
