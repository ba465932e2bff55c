"""Estimators whose converters in skl2onnx were found exact in double, and are used as they are.

Other converters are not: PolynomialFeatures and KBinsDiscretizer mix in float32, PCA uses MatMul (see graph.py),
Normalizer lacks a norm. For imputers, scalers, encoders and trees the table in converters.py has others.
"""

from __future__ import annotations

from sklearn import feature_selection

STOCK: tuple[type, ...] = (
    feature_selection.VarianceThreshold,
    feature_selection.SelectKBest,
)
