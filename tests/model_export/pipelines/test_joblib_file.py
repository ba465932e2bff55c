"""The joblib of a fitted pipeline: equal fits are equal bytes."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import VotingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from model_export.pipelines.joblib_file import pickled

TEXTS = pd.DataFrame({"text": ["the cat sat", "a dog ran", "cat and dog", "one more"]})
LABELS = np.array([0, 1, 0, 1])


def vectorizer() -> TfidfVectorizer:
    return TfidfVectorizer(stop_words=["the", "a", "and"])


def among_columns() -> Any:
    return make_pipeline(ColumnTransformer([("words", vectorizer(), "text")]), LogisticRegression())


def among_votes() -> Any:
    within = make_pipeline(ColumnTransformer([("words", vectorizer(), "text")]), LogisticRegression())
    return Pipeline([("votes", VotingClassifier([("only", within)], voting="soft"))])


@pytest.mark.parametrize("make", [among_columns, among_votes])
def test_equal_fits_are_equal_bytes(make: Callable[[], Any]) -> None:
    first, second = (make().fit(TEXTS, LABELS) for _ in range(2))
    assert pickled(first) == pickled(second)


def test_what_is_read_again_predicts_the_same() -> None:
    fitted = among_columns().fit(TEXTS, LABELS)
    expected = fitted.predict_proba(TEXTS)
    again = joblib.load(io.BytesIO(pickled(fitted)))
    assert np.array_equal(again.predict_proba(TEXTS), expected)
    assert np.array_equal(fitted.predict_proba(TEXTS), expected)


def test_a_pipeline_that_holds_itself_ends() -> None:
    fitted = LogisticRegression().fit([[0], [1]], [0, 1])
    fitted.me = [fitted]
    assert joblib.load(io.BytesIO(pickled(fitted))).me[0].predict([[1]]) == [1]
