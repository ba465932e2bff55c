"""What a sparse matrix leaves out is missing for XGBoost, and 0 for everything else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import VotingRegressor
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, MaxAbsScaler, OneHotEncoder, StandardScaler

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert
from model_export.pipelines.convert.absent import ZeroAsMissing, convert_zero_as_missing, returns_sparse
from model_export.pipelines.convert.graph import Tensor
from tests.model_export.pipelines.convert.boosted import numbers, schema_for, score_of, side_by_side, with_towns
from tests.model_export.pipelines.convert.conftest import instances_of
from tests.model_export.pipelines.convert.small_graph import evaluate

WITHOUT = "SKIPPED: needs xgboost-cpu, which this environment lacks"
NAMES = ["income", "age", "visits", "balance"]


def encoded(**options: Any) -> ColumnTransformer:
    one_hot = OneHotEncoder(handle_unknown="ignore")
    return ColumnTransformer([("towns", one_hot, ["town"]), ("numbers", "passthrough", NAMES)], **options)


def table(seed: int) -> pd.DataFrame:
    return with_towns(numbers(500, seed=seed), seed=seed)


@pytest.mark.parametrize("threshold", [0.0, 1.0])
@pytest.mark.parametrize("scaler", [None, MaxAbsScaler(), StandardScaler(with_mean=False)])
def test_zeros_of_a_sparse_matrix_are_missing(threshold: float, scaler: Any) -> None:
    xgboost = pytest.importorskip("xgboost", reason=WITHOUT)
    steps = [encoded(sparse_threshold=threshold), scaler, xgboost.XGBRegressor(n_estimators=20, n_jobs=1)]
    pipeline = make_pipeline(*(step for step in steps if step is not None))
    pipeline.fit(table(0), score_of(table(0)))
    found, expected = side_by_side(pipeline, table(1))
    assert found[0].tolist() == expected[0].tolist()


@pytest.mark.parametrize("sparse", [True, False])
def test_a_sparse_vectorizer_leaves_out_what_an_instance_lacks_and_keeps_its_zeros(sparse: bool) -> None:
    xgboost = pytest.importorskip("xgboost", reason=WITHOUT)
    pipeline = make_pipeline(DictVectorizer(sparse=sparse), xgboost.XGBRegressor(n_estimators=20, n_jobs=1))
    pipeline.fit(instances_of(table(0)), score_of(table(0)))
    test = pd.concat([table(1), table(2).assign(visits=0.0)], ignore_index=True)
    found, expected = side_by_side(pipeline, test, given=instances_of(test))
    assert found[0].tolist() == expected[0].tolist()


def test_xgboost_inside_of_others_is_refused_over_a_sparse_matrix_alone() -> None:
    xgboost = pytest.importorskip("xgboost", reason=WITHOUT)
    votes = VotingRegressor(
        [("trees", xgboost.XGBRegressor(n_estimators=5, n_jobs=1)), ("twice", xgboost.XGBRFRegressor())]
    )
    sparse = make_pipeline(encoded(sparse_threshold=1.0), votes).fit(table(0), score_of(table(0)))
    with pytest.raises(ConversionError, match="sparse_threshold=0"):
        convert(sparse, schema_for(table(0)))
    dense = make_pipeline(encoded(sparse_threshold=0.0), votes).fit(table(0), score_of(table(0)))
    found, expected = side_by_side(dense, table(1))
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-6)


@pytest.mark.parametrize(
    ("step", "is_sparse", "expected"),
    [
        (DictVectorizer(sparse=True), False, True),
        (DictVectorizer(sparse=False), False, False),
        (OneHotEncoder(sparse_output=False), True, False),
        (KBinsDiscretizer(encode="onehot"), False, True),
        (KBinsDiscretizer(encode="ordinal"), True, False),
        (TfidfVectorizer(), False, True),
        (Pipeline([("a", TfidfVectorizer()), ("b", TruncatedSVD())]), False, False),
        (Pipeline([("a", OneHotEncoder()), ("b", MaxAbsScaler())]), False, True),
        (FeatureUnion([("a", OneHotEncoder()), ("b", StandardScaler())]), False, True),
        (FeatureUnion([("a", StandardScaler()), ("b", "passthrough")]), False, False),
        (Ridge(), False, False),
        ("passthrough", True, True),
    ],
)
def test_a_step_returns_a_sparse_matrix_or_keeps_the_kind(step: Any, is_sparse: bool, expected: bool) -> None:
    assert returns_sparse(step, is_sparse) is expected


def test_every_zero_becomes_missing() -> None:
    found = evaluate(
        lambda graph, x: convert_zero_as_missing(graph, ZeroAsMissing(), [Tensor(x, is_string=False)]),
        np.array([[0.0, -0.0, 1.0, np.nan, 5e-324]]),
    )[0]
    np.testing.assert_array_equal(found, [[np.nan, np.nan, 1.0, np.nan, 5e-324]])
