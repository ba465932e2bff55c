"""Selectors of columns: whatever chose them in training, they keep the columns of `get_support`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn import feature_selection

from model_export.pipelines.convert.graph import Graph, InexactError, Tensor

SELECTORS: tuple[type, ...] = (
    feature_selection.VarianceThreshold,
    feature_selection.SelectKBest,
    feature_selection.SelectPercentile,
    feature_selection.SelectFpr,
    feature_selection.SelectFdr,
    feature_selection.SelectFwe,
    feature_selection.GenericUnivariateSelect,
    feature_selection.SelectFromModel,
    feature_selection.RFE,
    feature_selection.RFECV,
    feature_selection.SequentialFeatureSelector,
)


def selector(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    columns: list[int] = np.flatnonzero(estimator.get_support()).tolist()
    if not columns:
        raise InexactError("it keeps no column; loosen it, or remove it")
    return (graph.gather(inputs[0].name, columns),)
