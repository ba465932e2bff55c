"""Projections on the components that were learned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn import decomposition, random_projection
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert

NUMBERS = ["income", "age", "visits"]


@pytest.mark.parametrize(
    "projection",
    [
        decomposition.PCA(2),
        decomposition.PCA(2, whiten=True),
        decomposition.PCA(0.9),
        decomposition.PCA(2, svd_solver="randomized", random_state=0),
        decomposition.IncrementalPCA(2),
        decomposition.TruncatedSVD(2, random_state=0),
        decomposition.FastICA(2, random_state=0),
        decomposition.FastICA(whiten=False, random_state=0, max_iter=1000, tol=0.1),
        decomposition.FactorAnalysis(2),
        random_projection.GaussianRandomProjection(2, random_state=0),
        random_projection.SparseRandomProjection(2, random_state=0),
    ],
    ids=str,
)
def test_rows_are_projected(parity: Callable[..., None], table: Any, target: Any, projection: Any) -> None:
    train = table(missing=False)
    steps = [("scale", StandardScaler()), ("project", projection), ("model", LinearRegression())]
    parity(Pipeline(steps).fit(train[NUMBERS], target(train)), table(seed=1, missing=False)[NUMBERS] * 3 - 10)


def test_components_of_single_precision_are_refused(table: Any, target: Any, schema: Any) -> None:
    train = table(missing=False)
    pipeline = Pipeline([("pca", decomposition.PCA(2)), ("model", LinearRegression())])
    pipeline.fit(train[NUMBERS].astype(np.float32), target(train))
    with pytest.raises(ConversionError, match=r"step 'pca' .* fitted on float32 numbers; fit it on float64"):
        convert(pipeline, schema(train[NUMBERS]))
