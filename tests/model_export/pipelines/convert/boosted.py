"""Rows for boosters, and their predictions by the library and by the graph side by side.

DESPLIEGUE_BOOSTED=5000x500 compares 5000 rows through 500 trees instead of 1000 through 30.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from functions.core.schema import Feature, Schema
from model_export.pipelines.convert import convert
from tests.model_export.pipelines.convert.conftest import feed_of, session_of

ROWS, TREES = map(int, os.environ.get("DESPLIEGUE_BOOSTED", "1000x30").split("x"))
NUMBERS = ["income", "age", "visits", "balance"]
TOWNS = ["Cork", "Lyon", "Porto", "Rome", "Turku", "Vigo", "York"]


def numbers(rows: int = ROWS, *, seed: int = 0, missing: bool = True) -> pd.DataFrame:
    """Columns of very different scales; a tenth of each is missing."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "income": rng.lognormal(10, 1, rows),
            "age": rng.integers(18, 90, rows).astype(float),
            "visits": rng.integers(-3, 4, rows).astype(float),
            "balance": rng.normal(0, 1e-3, rows),
        }
    )
    return table.mask(rng.random(table.shape) < 0.1) if missing else table


def with_towns(table: pd.DataFrame, *, seed: int = 0, towns: Sequence[str] = TOWNS) -> pd.DataFrame:
    """The table with a column of texts, of which a tenth is missing."""
    rng = np.random.default_rng(seed + 50)
    column = pd.Series(rng.choice(list(towns), len(table)), index=table.index, dtype=object)
    return table.assign(town=column.mask(rng.random(len(table)) < 0.1, None))


def score_of(table: pd.DataFrame, *, seed: int = 0) -> Any:
    """A noisy target of every column, around 0."""
    rng = np.random.default_rng(seed + 100)
    filled = table[NUMBERS].fillna(table[NUMBERS].median())
    score = np.log(filled["income"]) - 10 + filled["age"] / 60 + filled["visits"] * filled["balance"] * 300
    if "town" in table:
        score = score + table["town"].map(lambda town: len(town or "") % 3).astype(float)
    return (score + rng.normal(0, 0.3, len(table))).to_numpy()


def around(table: pd.DataFrame, thresholds: Sequence[tuple[str, float]], *, rows: int = ROWS) -> pd.DataFrame:
    """`rows` rows: of `table`, and some for thresholds, at it and at its neighbours in float32 and in double.

    `thresholds` are (column, value); each gives five rows that differ from one of the table in that column alone.
    """
    rng = np.random.default_rng(7)
    places = rng.choice(len(thresholds), min(len(thresholds), rows // 10), replace=False)
    made = []
    for place in places:
        name, value = thresholds[place]
        single = np.float32(value)
        values = [value, np.nextafter(value, -np.inf), np.nextafter(value, np.inf)]
        values += [np.nextafter(single, np.float32(-np.inf)), np.nextafter(single, np.float32(np.inf))]
        row = table.iloc[int(rng.integers(len(table)))]
        made += [{**row, name: float(one)} for one in values]
    edges = pd.DataFrame(made, columns=table.columns).astype(table.dtypes)
    return pd.concat([table, edges]).tail(rows).reset_index(drop=True)


def schema_for(table: pd.DataFrame, **allowed: Sequence[str]) -> Schema:
    """Columns of numbers, and of texts whatever their dtype; `allowed` closes the lists of some."""
    features = [
        Feature(
            str(name),
            "number" if table[name].dtype.kind == "f" else "string",
            nullable=True,
            allowed=tuple(allowed.get(str(name), ())),
        )
        for name in table
    ]
    return Schema(tuple(features), Feature("target", "number"))


def side_by_side(
    pipeline: Any, table: pd.DataFrame, *, given: Any = None, **allowed: Sequence[str]
) -> tuple[list[Any], list[Any]]:
    """Predictions of the graph and of the pipeline for the same rows: places of labels and probabilities, or values.

    The pipeline gets `given`, the same rows in its own form, where that is not the table.
    """
    given = table if given is None else given
    schema = schema_for(table, **allowed)
    session = session_of(convert(pipeline, schema))
    found = session.run(None, feed_of(table, schema))
    assert [one.dtype for one in found] == [np.dtype(np.int64), np.dtype(np.float64)][-len(found) :]
    alone = [session.run(None, feed_of(table.iloc[[row]], schema)) for row in range(20)]
    for whole, *singles in zip(found, *alone, strict=True):
        np.testing.assert_allclose(np.concatenate(singles), whole[:20], rtol=1e-12, atol=1e-14)
    if not hasattr(pipeline, "predict_proba"):
        return list(found), [np.ravel(pipeline.predict(given))]
    labels = np.searchsorted(pipeline.classes_, np.ravel(pipeline.predict(given)))
    return list(found), [labels, pipeline.predict_proba(given)]


def largest_difference(found: Sequence[Any], expected: Sequence[Any], *, smallest: float) -> float:
    """Relative to the expected value, or to `smallest` where that is more. The labels must all be equal."""
    if len(found) == 2:
        np.testing.assert_array_equal(found[0], expected[0])
    difference = np.abs(found[-1] - np.asarray(expected[-1], dtype=np.float64))
    return float((difference / np.maximum(np.abs(expected[-1]), smallest)).max())
