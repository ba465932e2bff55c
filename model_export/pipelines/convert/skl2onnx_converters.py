"""Converters of skl2onnx that were found exact in double and are used as they are.

Others are not: PolynomialFeatures and KBinsDiscretizer mix in float32, PCA uses MatMul (see graph.py), Normalizer
lacks a norm; what it has for imputers, scalers, encoders and trees is replaced by the table in converters.py.
"""

from __future__ import annotations

from sklearn import feature_selection

STOCK: tuple[type, ...] = (
    feature_selection.VarianceThreshold,
    feature_selection.SelectKBest,
)
