"""Text pipelines as a whole: any texts at all, equal bytes, and pipelines of another shape refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline

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


BEHIND: dict[str, list[tuple[str, Any]]] = {
    "a selection": [("v", CountVectorizer()), ("s", SelectKBest(k=5))],
    "a union": [("u", FeatureUnion([("v", TfidfVectorizer()), ("w", CountVectorizer(analyzer="char"))]))],
    "a projection": [("v", TfidfVectorizer()), ("p", TruncatedSVD(3, random_state=0))],
}


@pytest.mark.parametrize("name", BEHIND)
def test_steps_between_vectorizer_and_classifier_make_the_terms_dense(name: str) -> None:
    texts, tags = corpus(4)
    pipeline = Pipeline([*BEHIND[name], ("m", LogisticRegression())]).fit(texts, tags)
    assert "text_columns.json" in export(TASK, pipeline, SCHEMA)
    assert_text_parity(pipeline, [*texts, *TEXTS])


@pytest.mark.parametrize("options", [{}, {"analyzer": "char_wb", "ngram_range": (2, 4), "alternate_sign": False}])
def test_hashed_terms_are_read_as_sparse_ones(options: dict[str, Any]) -> None:
    texts, tags = corpus(4)
    pipeline = Pipeline([("h", HashingVectorizer(**options)), ("m", stochastic())]).fit(texts, tags)
    files = export(TASK, pipeline, SCHEMA)
    # 4 classes of 2**20 coefficients were 32 MB: those of hashes without a word are not written
    assert len(files["model.onnx"]) < 5_000_000
    assert_text_parity(pipeline, [*texts, *TEXTS, "not a single known word"])


def test_hashed_terms_may_be_weighted() -> None:
    texts, tags = corpus(4)
    steps = [("h", HashingVectorizer(n_features=64, norm=None)), ("t", TfidfTransformer()), ("m", stochastic())]
    assert_text_parity(Pipeline(steps).fit(texts, tags), [*texts, *TEXTS])


NESTED: dict[str, Any] = {
    "one step": make_pipeline(make_pipeline(TfidfVectorizer(), LogisticRegression())),
    "a vectorizer and its weights": make_pipeline(
        make_pipeline(CountVectorizer(), TfidfTransformer()), LogisticRegression()
    ),
    "more hashes than a table may have": make_pipeline(
        make_pipeline(HashingVectorizer(n_features=2**18 + 1, norm=None), "passthrough", TfidfTransformer()),
        LogisticRegression(),
    ),
    "the classifier": make_pipeline(TfidfVectorizer(), make_pipeline(TfidfTransformer(), LogisticRegression())),
    "a search": make_pipeline(
        GridSearchCV(make_pipeline(TfidfVectorizer(), LogisticRegression()), {"logisticregression__C": [1.0]}, cv=2)
    ),
    "frozen": make_pipeline(FrozenEstimator(TfidfVectorizer().fit(corpus(4)[0])), LogisticRegression()),
}


@pytest.mark.parametrize("name", NESTED)
def test_steps_inside_of_others_are_read_as_sparse_terms_too(name: str) -> None:
    texts, tags = corpus(4)
    pipeline = NESTED[name].fit(texts, tags)
    assert "vectorizer.json" in export(TASK, pipeline, SCHEMA)
    assert_text_parity(pipeline, [*texts, *TEXTS])


def test_a_pipeline_of_a_classifier_alone_reads_no_texts() -> None:
    pipeline = make_pipeline("passthrough", LogisticRegression()).fit([[1.0], [2.0]], ["a", "b"])
    with pytest.raises(ConversionError, match="encode the text columns in a step before it"):
        export(TASK, pipeline, SCHEMA)


@pytest.mark.parametrize("pipeline", [LogisticRegression(), Pipeline([("v", TfidfVectorizer()), ("m", stochastic())])])
def test_what_is_no_fitted_pipeline_is_refused(pipeline: Any) -> None:
    with pytest.raises(ConversionError, match=r"not fitted|a text model is a Pipeline"):
        export(TASK, pipeline, SCHEMA)
