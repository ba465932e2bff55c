"""Numbers to 0 and 1 or to bins, exactly at the edges too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import Binarizer, KBinsDiscretizer

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert

NUMBERS = ["income", "age", "visits"]


def _fitted(step: Any, train: Any, target: Any) -> Pipeline:
    return Pipeline([("step", step), ("model", LinearRegression())]).fit(train[NUMBERS], target(train))


def _at(edges: Any) -> pd.DataFrame:
    near = [value for edge in edges for value in (edge, np.nextafter(edge, np.inf), np.nextafter(edge, -np.inf))]
    return pd.DataFrame({name: [*near, -1e300, 1e300, -0.0] for name in NUMBERS})


def test_a_number_at_the_threshold_is_not_above_it(parity: Callable[..., None], table: Any, target: Any) -> None:
    train = table(missing=False)
    parity(_fitted(Binarizer(threshold=40.5), train, target), _at([40.5]))


@pytest.mark.parametrize("encode", ["onehot", "onehot-dense", "ordinal"])
@pytest.mark.parametrize("strategy", ["uniform", "quantile", "kmeans"])
def test_bins_and_their_edges(parity: Callable[..., None], table: Any, target: Any, encode: Any, strategy: Any) -> None:
    train = table(missing=False).assign(visits=1.0)  # a column of one value has one bin
    step = KBinsDiscretizer(4, encode=encode, strategy=strategy, quantile_method="averaged_inverted_cdf")
    with pytest.warns(UserWarning, match="Feature 2 is constant"):
        pipeline = _fitted(step, train, target)
    edges = np.concatenate([edges[np.isfinite(edges)] for edges in pipeline[0].bin_edges_])
    parity(pipeline, pd.concat([_at(edges), table(seed=1, missing=False)[NUMBERS]], ignore_index=True))


def test_columns_may_have_different_numbers_of_bins(parity: Callable[..., None], table: Any, target: Any) -> None:
    train = table(missing=False)
    pipeline = _fitted(KBinsDiscretizer([2, 5, 3], encode="onehot-dense", strategy="uniform"), train, target)
    parity(pipeline, table(seed=1, missing=False)[NUMBERS])


def test_single_precision_is_refused(table: Any, target: Any, schema: Any) -> None:
    train = table(missing=False)
    step = KBinsDiscretizer(3, encode="ordinal", strategy="uniform", dtype=np.float32)
    with pytest.raises(ConversionError, match="dtype float32 is not supported; leave dtype at None"):
        convert(_fitted(step, train, target), schema(train[NUMBERS]))
