"""Frames and dicts as rows, and predictions as frames."""

from __future__ import annotations

import json
from enum import Enum
from typing import Any

import numpy as np
import pandas as pd
import pytest
from despliegue_client.errors import Fault, UnsendableError
from despliegue_client.tables import Predictions, Table, flat_prediction, is_frame


class Column(str, Enum):  # noqa: UP042  the kind whose str is the name of the member
    DISTANCE = "km"


def rows(data: Any) -> Any:
    return [json.loads(row) for row in Table.of(data).rows]


def test_a_frame_becomes_rows_with_values_of_json() -> None:
    frame = pd.DataFrame(
        {
            "year": pd.array([2014, None], dtype="Int64"),
            "km": [52_000.0, np.nan],
            "fuel": pd.Categorical(["Diesel", None]),
            "sold": pd.to_datetime(["2026-11-29", None]),
            "new": [True, False],
        }
    )
    first = {"year": 2014, "km": 52_000.0, "fuel": "Diesel", "sold": "2026-11-29T00:00:00", "new": True}
    assert rows(frame) == [first, {"year": None, "km": None, "fuel": None, "sold": None, "new": False}]


def test_a_list_and_a_dict_are_rows() -> None:
    assert rows([{"a": 1}, {"a": 2}]) == [{"a": 1}, {"a": 2}]
    assert rows({"a": 1}) == [{"a": 1}]


def test_a_column_of_a_frame_that_is_of_an_enum_of_texts_has_its_text() -> None:
    assert rows(pd.DataFrame([[1]], columns=pd.Index([Column.DISTANCE], dtype=object))) == [{"km": 1}]


def test_a_frame_without_columns_has_its_rows() -> None:
    assert rows(pd.DataFrame(index=[4, 5])) == [{}, {}]


def test_a_fault_of_a_frame_has_the_label_of_its_row() -> None:
    frame = pd.DataFrame({"km": [1.0, np.inf]}, index=["a", "b"])
    with pytest.raises(UnsendableError, match="row b, column 'km': infinity"):
        Table.of(frame)


def test_columns_of_the_same_name_are_refused() -> None:
    frame = pd.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(UnsendableError, match="columns of the same name: a"):
        Table.of(frame)


@pytest.mark.parametrize("data", ["rows.csv", 3, {1, 2}])
def test_what_is_no_table_is_refused(data: Any) -> None:
    with pytest.raises(UnsendableError, match="give a DataFrame, a list of dicts, or one dict"):
        Table.of(data)


def test_a_class_made_from_a_frame_is_one_and_a_namesake_is_not() -> None:
    class Own(pd.DataFrame):
        pass

    assert is_frame(Own())
    assert not is_frame(type("DataFrame", (), {})())


def test_predictions_of_a_frame_have_its_index_their_scores_and_warnings() -> None:
    table = Table.of(pd.DataFrame({"a": [1, 2]}, index=["x", "y"]))
    labels = [{"label": "no", "score": 0.9, "scores": {"no": 0.9, "yes": 0.1}}, None]
    warned = [[Fault(("a",), "outside the training range", "out_of_range")], []]
    frame = table.answered(Predictions(labels, warned, [3]))
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.index) == ["x", "y"]
    assert list(frame.columns) == ["prediction", "score", "score_no", "score_yes", "warnings"]
    assert frame.loc["x"].to_dict() == {
        "prediction": "no",
        "score": 0.9,
        "score_no": 0.9,
        "score_yes": 0.1,
        "warnings": "a: outside the training range",
    }
    assert pd.isna(frame.loc["y", "score"])
    assert frame.attrs["versions"] == [3]


def test_predictions_of_an_empty_frame_are_an_empty_frame() -> None:
    frame = Table.of(pd.DataFrame({"a": []})).answered(Predictions())
    assert list(frame.columns) == ["prediction", "warnings"]  # type: ignore[union-attr]
    assert len(frame) == 0


def test_a_number_an_answer_and_several_targets_are_columns() -> None:
    assert flat_prediction(2.5) == {"prediction": 2.5}
    assert flat_prediction({"answer": "900", "score": 0.5}) == {"prediction": "900", "score": 0.5}
    assert flat_prediction({"rent": 1.0, "risk": {"label": "low"}}) == {"rent": 1.0, "risk_prediction": "low"}
