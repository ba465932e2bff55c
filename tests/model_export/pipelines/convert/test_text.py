"""Text pipelines as a whole: any texts at all, equal bytes, and pipelines of another shape refused."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline

from functions.core.errors import ConversionError
from model_export.pipelines.convert import export
from model_export.pipelines.edge_rows import TEXTS
from tests.generated import examples
from tests.model_export.pipelines.convert.texts import SCHEMA, TASK, assert_text_parity, corpus, stochastic


@pytest.fixture(scope="module")
def fitted() -> Any:
    texts, tags = corpus(4)
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), strip_accents="unicode", stop_words="english", sublinear_tf=True)
    return Pipeline([("vectorizer", vectorizer), ("model", stochastic())]).fit(texts, tags)


@examples(25)
@given(st.lists(st.text(max_size=80) | st.sampled_from(TEXTS) | st.sampled_from(corpus(4)[0]), min_size=1, max_size=20))
def test_any_texts_at_all(fitted: Any, texts: list[str]) -> None:
    assert_text_parity(fitted, texts)


def test_the_same_pipeline_gives_the_same_bytes(fitted: Any) -> None:
    assert export(TASK, fitted, SCHEMA) == export(TASK, fitted, SCHEMA)


REFUSED: dict[str, tuple[list[tuple[str, Any]], str]] = {
    "hashing": ([("h", HashingVectorizer(n_features=64))], r"step 'h' \(HashingVectorizer\).*the first step"),
    "selection": ([("v", CountVectorizer()), ("s", SelectKBest(k=5))], r"step 's' \(SelectKBest\).*only Tfidf"),
    "union": ([("u", FeatureUnion([("v", TfidfVectorizer())]))], "the first step of a text model"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_step_that_is_not_exact_is_refused_by_name(name: str) -> None:
    steps, reason = REFUSED[name]
    steps = steps if steps[-1][0] == "m" else [*steps, ("m", LogisticRegression())]
    texts, tags = corpus(4)
    with pytest.raises(ConversionError, match=reason):
        export(TASK, Pipeline(steps).fit(texts, tags), SCHEMA)


def test_a_column_of_a_frame_is_no_text() -> None:
    texts, tags = corpus(2)
    columns = ColumnTransformer([("v", TfidfVectorizer(), "text")])
    pipeline = Pipeline([("c", columns), ("m", LogisticRegression())]).fit(pd.DataFrame({"text": texts}), tags)
    with pytest.raises(ConversionError, match=r"\(ColumnTransformer\).*over the documents"):
        export(TASK, pipeline, SCHEMA)


@pytest.mark.parametrize("pipeline", [LogisticRegression(), Pipeline([("v", TfidfVectorizer()), ("m", stochastic())])])
def test_what_is_no_fitted_pipeline_is_refused(pipeline: Any) -> None:
    with pytest.raises(ConversionError, match=r"not fitted|a text model is a Pipeline"):
        export(TASK, pipeline, SCHEMA)
