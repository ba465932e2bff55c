"""Any document becomes the same numbers as in scikit-learn."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer

from functions.core.errors import DamagedVersionError
from functions.predictors.text import features
from functions.predictors.text.features import TextFeatures
from model_export.pipelines.edge_rows import TEXTS
from tests.generated import examples
from tests.predictors.text.fitted import CORPUS, assert_equal, vectorizer

SOUP = st.text(alphabet=st.sampled_from("aáAÁbcñß İıΣσς_ 12½\t\n\u00a0\u0301\u3000深学🚀.,-\x00\x1c"), max_size=60)
DOCUMENTS = st.lists(
    st.one_of(SOUP, st.text(max_size=40), st.sampled_from([*CORPUS, *TEXTS[:17]])), min_size=1, max_size=6
)
NGRAMS = st.sampled_from([(1, 1), (1, 2), (2, 3), (1, 4), (3, 5), (4, 6)])
WORDS: dict[str, st.SearchStrategy[Any]] = {
    "analyzer": st.just("word"),
    "ngram_range": st.sampled_from([(1, 1), (1, 2), (1, 3)]),
    "stop_words": st.sampled_from([None, "english", ["de", "en", "the"]]),
    "token_pattern": st.sampled_from([r"(?u)\b\w\w+\b", r"(?u)\b\w+\b", r"\S+", r"(\w)\w+", r"[a-zñ ]+"]),
}
CHARACTERS: dict[str, st.SearchStrategy[Any]] = {
    "analyzer": st.sampled_from(["char", "char_wb"]),
    "ngram_range": NGRAMS,
}
OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "lowercase": st.booleans(),
    "strip_accents": st.sampled_from([None, "unicode", "ascii"]),
    "binary": st.booleans(),
}
WEIGHTS: dict[str, st.SearchStrategy[Any]] = {
    "sublinear_tf": st.booleans(),
    "use_idf": st.booleans(),
    "smooth_idf": st.booleans(),
    "norm": st.sampled_from(["l1", "l2", None]),
}
ANALYZERS = st.one_of(st.fixed_dictionaries({**WORDS, **OPTIONS}), st.fixed_dictionaries({**CHARACTERS, **OPTIONS}))

pytestmark = pytest.mark.filterwarnings("ignore:Your stop_words may be inconsistent")


@examples(300)
@given(ANALYZERS, DOCUMENTS)
def test_counts_are_those_of_scikit_learn(options: dict[str, Any], texts: list[str]) -> None:
    assert_equal(CountVectorizer(**options).fit(CORPUS), texts)


@examples(150)
@given(ANALYZERS, st.fixed_dictionaries(WEIGHTS), DOCUMENTS)
@example({"analyzer": "char", "ngram_range": (1, 2)}, {"sublinear_tf": True}, ["", "\ue000", "aaaa aaaa"])
def test_weights_are_those_of_scikit_learn(options: dict[str, Any], weights: dict[str, Any], texts: list[str]) -> None:
    assert_equal(TfidfVectorizer(**options, **weights).fit(CORPUS), texts)


@examples(50)
@given(ANALYZERS, st.fixed_dictionaries(WEIGHTS), DOCUMENTS)
def test_a_transformer_weights_the_counts_before_it(
    options: dict[str, Any], weights: dict[str, Any], texts: list[str]
) -> None:
    counts = CountVectorizer(**options).fit(CORPUS)
    assert_equal(counts, texts, weighting=TfidfTransformer(**weights).fit(counts.transform(CORPUS)))


@pytest.mark.parametrize("limits", [{"min_df": 2}, {"max_df": 0.2}, {"max_features": 30}])
def test_a_limited_vocabulary_is_the_fitted_one(limits: dict[str, Any]) -> None:
    texts = [*CORPUS, *CORPUS[:3]]
    for options in ({"ngram_range": (1, 2)}, {"analyzer": "char_wb", "ngram_range": (2, 4)}):
        assert_equal(TfidfVectorizer(**options, **limits).fit(texts), [*CORPUS, *TEXTS])


@pytest.mark.parametrize("analyzer", ["word", "char", "char_wb"])
def test_a_vocabulary_of_the_users_own(analyzer: str) -> None:
    own = {"learning": 2, "a": 0, "\u3000": 1, " de": 3, "le": 4, "not of the text at all": 5, " a ": 6}
    step = CountVectorizer(analyzer=analyzer, ngram_range=(1, 3), vocabulary=own).fit(CORPUS)
    assert_equal(step, [*CORPUS, *TEXTS])


@pytest.mark.parametrize("analyzer", ["word", "char"])
def test_a_batch_worked_on_in_parts_is_the_same(analyzer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "CHARACTERS_AT_ONCE", 50)
    assert_equal(TfidfVectorizer(analyzer=analyzer).fit(CORPUS), ["", *CORPUS, "", *TEXTS, ""])


@pytest.mark.parametrize("changes", [{"analyzer": "words"}, {"strip_accents": "latin"}, {"token_pattern": "("}])
def test_a_vectorizer_that_is_none_is_damaged(changes: dict[str, Any]) -> None:
    with pytest.raises(DamagedVersionError, match=r"vectorizer\.json cannot be used"):
        TextFeatures(vectorizer(**changes))
