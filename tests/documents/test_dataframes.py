"""The recipe of docs/dataframes.md, with every kind of column that pandas has, against the application."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from functions.core.errors import InvalidInputError
from functions.core.schema import Feature, Schema
from functions.core.validator import Validator
from tests.documents.transcripts import blocks

DOCUMENT = Path(__file__).parents[2] / "docs" / "dataframes.md"
SCHEMA = Schema(
    (
        Feature("rooms", "integer"),
        Feature("floor", "integer", nullable=True),
        Feature("metres", "number", nullable=True),
        Feature("ratio", "number"),
        Feature("lift", "boolean"),
        Feature("garage", "boolean", nullable=True),
        Feature("zone", "string", nullable=True),
        Feature("stars", "integer"),
        Feature("built", "datetime", nullable=True),
        Feature("seen", "datetime", time_zone="UTC"),
        Feature("sold", "datetime", nullable=True),
        Feature("mixed", "number"),
        Feature("baños", "integer"),
    ),
    Feature("rent", "number"),
)
FRAME = pd.DataFrame(
    {
        "rooms": np.array([1, 2], dtype=np.int8),
        "floor": [3, np.nan],
        "metres": [64.123456789012345, np.nan],
        "ratio": np.array([0.5, 2], dtype=np.float32),
        "lift": [True, False],
        "garage": pd.array([True, None], dtype="boolean"),
        "zone": pd.Categorical(["Chamberí", None]),
        "stars": pd.Categorical([3, 4]),
        "built": pd.to_datetime(["2024-01-02T03:04:05.123456", None]),
        "seen": pd.to_datetime(["2024-07-02T03:04", "2024-01-02T03:04"]).tz_localize("Europe/Madrid"),
        "sold": [datetime.date(2024, 1, 2), None],
        "mixed": pd.Series([np.int64(3), np.float64(2.5)], dtype=object),
        "baños": pd.array([1, 2], dtype="Int64"),
    }
)


@pytest.fixture(scope="module")
def instances_of() -> Callable[[pd.DataFrame], list[dict[str, Any]]]:
    names: dict[str, Any] = {}
    exec(blocks(DOCUMENT, "python")[0], names)  # noqa: S102  a block of this project's own page
    found: Callable[[pd.DataFrame], list[dict[str, Any]]] = names["instances_of"]
    return found


def test_every_kind_of_column_becomes_what_its_feature_takes(instances_of: Any) -> None:
    sent = json.loads(json.dumps(instances_of(FRAME), allow_nan=False))
    table = Validator(SCHEMA).table(sent)
    moment = datetime.datetime
    assert table == {
        "rooms": [1, 2],
        "floor": [3, None],
        "metres": [64.123456789012345, None],
        "ratio": [0.5, 2],
        "lift": [True, False],
        "garage": [True, None],
        "zone": ["Chamberí", None],
        "stars": [3, 4],
        "built": [moment(2024, 1, 2, 3, 4, 5, 123456), None],
        "seen": [moment(2024, 7, 2, 1, 4), moment(2024, 1, 2, 2, 4)],
        "sold": [moment(2024, 1, 2), None],
        "mixed": [3, 2.5],
        "baños": [1, 2],
    }


def test_a_frame_without_rows_or_with_any_index_is_a_list_in_its_order(instances_of: Any) -> None:
    assert instances_of(FRAME.iloc[:0]) == []
    assert instances_of(FRAME.set_index(pd.Index([7, 7])).iloc[::-1]) == instances_of(FRAME)[::-1]


def test_infinite_numbers_are_refused_by_json(instances_of: Any) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json.dumps(instances_of(pd.DataFrame({"metres": [np.inf]})), allow_nan=False)


def test_columns_that_the_model_does_not_read_are_refused_once_for_all_rows(instances_of: Any) -> None:
    many = pd.concat([FRAME] * 400).assign(comment="x")
    with pytest.raises(InvalidInputError) as caught:
        Validator(SCHEMA).table(instances_of(many))
    (fault,) = caught.value.faults
    assert (fault.loc, fault.msg) == ((0, "comment"), "unknown field; so in all 800 rows")


def test_0_and_1_are_sent_for_a_closed_list_of_them(instances_of: Any) -> None:
    schema = replace(SCHEMA, features=(Feature("lift", "integer", allowed=(0, 1)),))
    frame = FRAME[["lift"]].assign(lift=FRAME["lift"].astype("Int64"))
    assert Validator(schema).table(instances_of(frame)) == {"lift": [1, 0]}


def test_the_call_of_the_page_adds_the_predictions_to_the_frame(
    instances_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Answer:
        def raise_for_status(self) -> None:
            """The answer is 200."""

        def json(self) -> Mapping[str, Any]:
            return {"data": {"predictions": [100.0, 200.0]}}

    sent: list[Any] = []
    monkeypatch.setattr("requests.post", lambda url, json, timeout: sent.append((url, json)) or Answer())
    frame = FRAME.assign(rent=[1.0, 2.0])
    exec(blocks(DOCUMENT, "python")[1], {"frame": frame, "instances_of": instances_of})  # noqa: S102
    assert frame["prediction"].tolist() == [100.0, 200.0]
    assert sent == [("http://127.0.0.1:8000/models/flat-rents/predict", instances_of(FRAME))]
