"""Entries that a sparse matrix leaves out: scikit-learn reads them as 0, XGBoost as missing.

A ColumnTransformer or an encoder leaves out every 0. A DictVectorizer leaves out what an instance lacks, and keeps a 0
that the instance has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import KBinsDiscretizer

from model_export.pipelines.convert.graph import Graph, Tensor
from model_export.pipelines.convert.inspection import StepRefusal, children, is_passthrough, unwrapped, walk
from model_export.pipelines.convert.libraries import library_of

ALWAYS_SPARSE = CountVectorizer | HashingVectorizer | TfidfTransformer
ALWAYS_DENSE = PCA | TruncatedSVD
INSIDE = (
    "it gets a sparse matrix, whose zeros XGBoost takes for missing values; set sparse_threshold=0 of the "
    "ColumnTransformer, or sparse_output=False of the encoder, and fit it again"
)


class ZeroAsMissing:
    """Turns every 0 into NaN."""


def convert_zero_as_missing(graph: Graph, raw: ZeroAsMissing, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    x = inputs[0].name
    is_zero = graph.op("Equal", x, graph.constant(np.array(0.0)))
    return (graph.op("Where", is_zero, graph.constant(np.array(np.nan)), x),)


def returns_sparse(step: Any, is_sparse: bool) -> bool:
    """Whether a fitted step returns a sparse matrix, of a sparse matrix or of an array; unknown ones keep the kind."""
    step = unwrapped(step)
    kind = type(step)
    if kind is Pipeline:
        for _, inner in children(step):
            is_sparse = returns_sparse(inner, is_sparse)
        return is_sparse
    if kind is ColumnTransformer:
        return bool(step.sparse_output_)
    if kind is FeatureUnion:
        return any(returns_sparse(inner, is_sparse) for _, inner in children(step) if inner != "drop")
    if kind is DictVectorizer:
        return bool(step.sparse)
    if kind is KBinsDiscretizer:
        return bool(step.encode == "onehot")
    if isinstance(step, ALWAYS_SPARSE | ALWAYS_DENSE):
        return isinstance(step, ALWAYS_SPARSE)
    return is_sparse if is_passthrough(step) else bool(getattr(step, "sparse_output", is_sparse))


def reads_absent_as_missing(step: Any) -> bool:
    """True for an estimator of XGBoost; raises StepRefusal for one inside of others, which read zeros."""
    if library_of(unwrapped(step)) == "xgboost":
        return True
    for _, inner in walk(step):
        if library_of(inner) == "xgboost":
            raise StepRefusal(inner, INSIDE)
    return False
