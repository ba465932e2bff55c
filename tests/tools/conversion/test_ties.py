"""Rows at ties of nearest neighbours."""

from __future__ import annotations

import numpy as np
from sklearn.impute import KNNImputer
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tools.conversion.ties import at_ties

ROWS = np.array([[0.0], [1.0], [2.0], [3.0], [7.0]])


def test_a_row_between_two_training_rows_is_at_a_tie() -> None:
    model = make_pipeline(StandardScaler(with_mean=False), KNeighborsRegressor(1)).fit(ROWS, ROWS[:, 0])
    assert at_ties(model, np.array([[0.5], [0.6], [5.0], [7.0]])).tolist() == [True, False, True, False]


def test_other_models_have_none() -> None:
    assert not at_ties(LinearRegression().fit(ROWS, ROWS[:, 0]), ROWS).any()


def test_a_row_whose_imputed_number_depends_on_the_order_of_training_is_at_a_tie() -> None:
    rows = np.column_stack([ROWS[:, 0], [1.0, 2.0, 3.0, 4.0, 5.0]])
    model = make_pipeline(KNNImputer(n_neighbors=1), LinearRegression()).fit(rows, rows[:, 1])
    asked = np.array([[0.5, np.nan], [0.6, np.nan], [0.5, 1.0], [5.0, np.nan]])
    assert at_ties(model, asked).tolist() == [True, False, False, True]
