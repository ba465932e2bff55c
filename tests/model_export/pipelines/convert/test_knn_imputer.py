"""Missing numbers from the nearest training rows, against scikit-learn's own answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from sklearn.impute import KNNImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert, neighbours
from model_export.pipelines.convert.graph import Tensor
from model_export.pipelines.convert.knn_imputer import nearest_filled
from tests.model_export.pipelines.convert.small_graph import evaluate

NAN = np.nan
Rows = npt.NDArray[np.float64]


def _rows(count: int, seed: int, holes: float = 0.25) -> Rows:
    """Numbers of which no two rows are equally far from a third."""
    random = np.random.default_rng(seed)
    rows = random.normal(0, 1, (count, 5)) * [1, 40, 0.3, 5, 1] + [0, 100, 0, -3, 0]
    return np.where(random.random(rows.shape) < holes, NAN, rows)


def _filled(imputer: KNNImputer, rows: Rows) -> Rows:
    (found,) = evaluate(lambda graph, x: nearest_filled(graph, imputer, [Tensor(x, is_string=False)]), rows)
    return np.asarray(found, dtype=np.float64)


def _assert_equal(imputer: KNNImputer, rows: Rows) -> None:
    expected = imputer.transform(rows)
    np.testing.assert_allclose(_filled(imputer, rows), expected, rtol=1e-9, atol=0)
    alone = [_filled(imputer, row[None]) for row in rows[:6]]
    np.testing.assert_allclose(np.concatenate(alone), expected[: len(alone)], rtol=1e-9, atol=0)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"weights": "distance"},
        {"n_neighbors": 1},
        {"n_neighbors": 1000},
        {"n_neighbors": 1000, "weights": "distance"},
        {"add_indicator": True, "weights": "distance"},
        {"keep_empty_features": True},
    ],
    ids=str,
)
def test_missing_numbers_are_filled_as_scikit_learn_does(options: dict[str, Any]) -> None:
    _assert_equal(KNNImputer(**options).fit(_rows(80, seed=1)), _rows(200, seed=2))


def test_training_rows_themselves_are_filled_from_the_others() -> None:
    rows = _rows(60, seed=3)
    _assert_equal(KNNImputer(n_neighbors=2, weights="distance").fit(rows), rows)


def test_rows_and_training_rows_that_share_no_column_take_the_mean_of_the_column() -> None:
    train = np.array([[1.0, NAN, NAN], [NAN, 4.0, 2.0], [NAN, 5.0, 9.0], [NAN, NAN, NAN]])
    served = np.array([[7.0, NAN, NAN], [NAN, 4.5, NAN], [NAN, NAN, NAN], [1.0, 2.0, 3.0]])
    for options in ({}, {"weights": "distance"}, {"n_neighbors": 1}):
        _assert_equal(KNNImputer(**options).fit(train), served)


def test_a_row_equally_near_counts_alone_by_its_distance() -> None:
    train = np.array([[1.0, 2.0, 10.0], [1.0, 2.0, 20.0], [3.0, 4.0, 70.0], [9.0, 9.0, 90.0]])
    served = np.array([[1.0, 2.0, NAN], [3.0, 4.0, NAN], [NAN, 2.0, NAN], [2.0, NAN, NAN]])
    _assert_equal(KNNImputer(n_neighbors=3, weights="distance").fit(train), served)


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("with_indicator", [False, True])
def test_a_column_without_any_value_in_training_is_left_out_or_zero(keep: bool, with_indicator: bool) -> None:
    train, served = _rows(40, seed=4), _rows(40, seed=5)
    train[:, 2] = NAN
    imputer = KNNImputer(keep_empty_features=keep, add_indicator=with_indicator).fit(train)
    _assert_equal(imputer, served)
    _assert_equal(imputer, np.nan_to_num(served))


def test_columns_without_holes_in_training_are_filled_too() -> None:
    _assert_equal(KNNImputer(add_indicator=True).fit(_rows(40, seed=6, holes=0)), _rows(40, seed=7))


def test_no_row_and_no_hole_are_answered() -> None:
    imputer = KNNImputer().fit(_rows(40, seed=8))
    whole = _rows(3, seed=9, holes=0)
    np.testing.assert_array_equal(_filled(imputer, whole), whole)
    assert _filled(imputer, whole[:0]).shape == (0, 5)


def test_another_number_may_mean_missing() -> None:
    train, served = (np.nan_to_num(_rows(50, seed=seed), nan=-1.0) for seed in (10, 11))
    _assert_equal(KNNImputer(missing_values=-1, weights="distance").fit(train), served)


def test_of_donors_equally_far_with_equal_values_any_gives_the_answer() -> None:
    train = np.array([[1.0, 5.0], [1.0, 5.0], [1.0, 5.0], [8.0, 2.0]])
    _assert_equal(KNNImputer(n_neighbors=2).fit(train), np.array([[1.0, NAN], [2.0, NAN]]))


def test_of_donors_equally_far_the_first_training_row_counts() -> None:
    train = np.array([[0.0, 10.0], [2.0, 20.0], [0.0, 30.0], [2.0, 40.0]])
    imputer = KNNImputer(n_neighbors=1).fit(train)
    np.testing.assert_array_equal(_filled(imputer, np.array([[1.0, NAN], [2.0, NAN]]))[:, 1], [10.0, 20.0])


def test_numbers_too_large_to_compare_are_as_in_scikit_learn() -> None:
    train = np.array([[0.0, 10.0, 1.0], [1e200, 20.0, 2.0], [3.0, 30.0, NAN]])
    with np.errstate(over="ignore", invalid="ignore"):
        _assert_equal(KNNImputer(n_neighbors=2).fit(train), np.array([[1.0, NAN, NAN], [-1e200, NAN, 4.0]]))


def test_a_pipeline_with_the_imputer_converts(parity: Callable[..., None]) -> None:
    frames = [pd.DataFrame(_rows(60, seed), columns=list("abcde")) for seed in (12, 13)]
    pipeline = Pipeline([("fill", KNNImputer(weights="distance")), ("model", LinearRegression())])
    parity(pipeline.fit(frames[0], np.arange(60.0)), frames[1])


@pytest.mark.parametrize(
    ("imputer", "rows", "reason"),
    [
        (KNNImputer(metric=lambda x, y, missing_values: 1.0), np.eye(3), "leave metric='nan_euclidean'"),
        (KNNImputer(weights=np.exp), np.eye(3), "set weights='uniform' or 'distance'"),
        (KNNImputer(), np.eye(3, dtype=np.float32), "fitted on float32 columns; fit it on float64"),
        (KNNImputer(), np.eye(4), r"fitted on 4 rows of 4 columns.*the limit is 15.*use IterativeImputer"),
    ],
)
def test_what_has_no_exact_form_is_refused(
    schema: Any, imputer: KNNImputer, rows: Any, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "MOST_NUMBERS", 15)
    pipeline = Pipeline([("fill", imputer), ("model", LinearRegression())]).fit(rows, np.arange(len(rows)))
    names = [f"x{place}" for place in range(rows.shape[1])]
    with pytest.raises(ConversionError, match=rf"step 'fill' .KNNImputer.*{reason}"):
        convert(pipeline, schema(pd.DataFrame(rows, columns=names)))
