"""Names for classes that a classifier of another library has as 0, 1, ...: one of XGBoost takes no others."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone, is_classifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.pipeline import Pipeline

from model_export.pipelines.convert.libraries import library_of

OF_SEVERAL = (ClassifierChain, MultiOutputClassifier)


class NamedClasses(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Fits `classifier` on the places of the labels in their order, and answers with the labels."""

    def __init__(self, classifier: Any) -> None:
        self.classifier = classifier

    def fit(self, rows: Any, labels: Any) -> NamedClasses:
        self.classes_, places = np.unique(labels, return_inverse=True)
        self.classifier_ = clone(self.classifier).fit(rows, places)
        return self

    def predict(self, rows: Any) -> Any:
        return self.classes_[np.ravel(self.classifier_.predict(rows)).astype(np.int64)]

    def predict_proba(self, rows: Any) -> Any:
        return self.classifier_.predict_proba(rows)


def with_named_classes(pipeline: Any) -> Any:
    """The pipeline in a NamedClasses where its classes could not get names otherwise; any other as it is.

    They could not where its last step is a classifier of XGBoost, or one of LightGBM or CatBoost that was fitted on
    0, 1, ... and whose labels cannot be replaced.
    """
    last = _last(pipeline)
    if isinstance(last, OF_SEVERAL):
        # each member has its own classes, and only members that are still to be fitted can get names
        if not hasattr(last, "estimators_") and library_of(_last(last.estimator)) == "xgboost":
            last.set_params(estimator=with_named_classes(last.estimator))
        return pipeline
    library = library_of(last)
    if library is None or not is_classifier(pipeline):
        return pipeline
    labels = getattr(pipeline, "classes_", None)
    if library != "xgboost" and (labels is None or list(labels) != list(range(len(labels)))):
        return pipeline
    named = NamedClasses(pipeline)
    if labels is not None:
        named.classifier_, named.classes_ = pipeline, np.asarray(labels)
    return named


def _last(pipeline: Any) -> Any:
    """The predictor inside of pipelines, searches, calibrations and others that have one `estimator`."""
    while (inner := pipeline.steps[-1][1] if isinstance(pipeline, Pipeline) else _inner(pipeline)) is not None:
        pipeline = inner
    return pipeline


def _inner(estimator: Any) -> Any:
    inner = None if isinstance(estimator, OF_SEVERAL) else getattr(estimator, "estimator", None)
    return inner if isinstance(inner, BaseEstimator) or library_of(inner) is not None else None
