"""Names for the classes of a classifier that takes only 0, 1, ... for labels, as XGBoost's does."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection._search import BaseSearchCV
from sklearn.pipeline import Pipeline

from model_export.pipelines.convert.libraries import library_of


class NamedClasses(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Fits `classifier` on the places of the labels in their order, and answers with the labels."""

    def __init__(self, classifier: Any) -> None:
        self.classifier = classifier

    def fit(self, rows: Any, labels: Any) -> NamedClasses:
        self.classes_, places = np.unique(labels, return_inverse=True)
        self.classifier_ = clone(self.classifier).fit(rows, places)
        return self

    def predict(self, rows: Any) -> Any:
        return self.classes_[np.asarray(self.classifier_.predict(rows), dtype=np.int64)]

    def predict_proba(self, rows: Any) -> Any:
        return self.classifier_.predict_proba(rows)


def with_named_classes(pipeline: Any) -> Any:
    """The pipeline under names of classes if its last step is a classifier of XGBoost; any other as it is."""
    if not _takes_numbers_alone(_last(pipeline)):
        return pipeline
    named = NamedClasses(pipeline)
    if hasattr(pipeline, "classes_"):
        named.classifier_, named.classes_ = pipeline, np.asarray(pipeline.classes_)
    return named


def _takes_numbers_alone(estimator: Any) -> bool:
    return library_of(estimator) == "xgboost" and isinstance(estimator, ClassifierMixin)


def _last(pipeline: Any) -> Any:
    while isinstance(pipeline, Pipeline | BaseSearchCV | FrozenEstimator):
        pipeline = pipeline.steps[-1][1] if isinstance(pipeline, Pipeline) else pipeline.estimator
    return pipeline
