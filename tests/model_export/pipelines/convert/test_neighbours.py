"""Nearest neighbours: public tables with ties, one row after another, and a bound on what the graph holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert, neighbours

Parity = Callable[..., None]


@pytest.mark.parametrize("options", [{}, {"weights": "distance"}, {"algorithm": "brute"}, {"n_neighbors": 1}], ids=str)
def test_a_table_with_many_ties(parity: Parity, options: dict[str, Any]) -> None:
    rows = load_iris(as_frame=True)
    frame = rows.data.set_axis(list("abcd"), axis=1)
    parity(KNeighborsClassifier(**options).fit(frame, rows.target), frame)


def test_a_row_of_the_training_counts_alone_by_its_distance(parity: Parity) -> None:
    rows = pd.DataFrame({"x": [0.0, 0.0, 1.0, 2.0, 4.0, 8.0]})
    model = KNeighborsRegressor(2, weights="distance", algorithm="kd_tree").fit(rows, [1.0, 3.0, 5.0, 7.0, 9.0, 11.0])
    parity(model, pd.DataFrame({"x": [0.0, 1.0, 0.5, 5e-324, 100.0]}))


def test_more_training_rows_than_the_limit_are_refused(schema: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "MOST_NUMBERS", 7)
    rows = pd.DataFrame({"x": np.arange(4.0), "y": np.arange(4.0)})
    model = KNeighborsRegressor(1).fit(rows, rows["x"])
    with pytest.raises(ConversionError, match=r"fitted on 4 rows of 2 columns.*the limit is 7.*HistGradientBoosting"):
        convert(model, schema(rows))


def test_weights_of_ones_own_are_refused(schema: Any) -> None:
    rows = pd.DataFrame({"x": np.arange(8.0)})
    model = KNeighborsRegressor(1, weights=np.exp).fit(rows, rows["x"])
    with pytest.raises(ConversionError, match="weights are a function; set weights='uniform' or 'distance'"):
        convert(model, schema(rows))
