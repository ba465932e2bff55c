"""Converters of skl2onnx that were found exact in double and are used as they are."""

from __future__ import annotations

from sklearn import decomposition, feature_selection, preprocessing

STOCK: tuple[type, ...] = (
    preprocessing.PolynomialFeatures,
    preprocessing.Normalizer,
    preprocessing.Binarizer,
    preprocessing.KBinsDiscretizer,
    feature_selection.VarianceThreshold,
    feature_selection.SelectKBest,
    decomposition.PCA,
)
