"""Telco customer churn: one-hot and numbers straight from dictionaries, then a logistic regression."""

from __future__ import annotations

from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline


def build_pipeline(*, C: float = 0.5, solver: str = "liblinear", max_iter: int = 1000) -> Pipeline:
    """An unfitted pipeline over dictionaries of feature name -> value."""
    model = LogisticRegression(C=C, solver=solver, max_iter=max_iter)
    return Pipeline([("vectorizer", DictVectorizer(sparse=False)), ("model", model)])
