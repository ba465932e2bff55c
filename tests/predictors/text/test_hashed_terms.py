"""Terms by their hashes, against scikit-learn's HashingVectorizer on any texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

from functions.predictors.text import features, hashed_terms
from functions.predictors.text.hashed_terms import HashedTerms
from functions.predictors.text.vectorizer import Hashing
from model_export.pipelines.edge_rows import TEXTS
from tests.generated import examples
from tests.predictors.text.fitted import CORPUS, assert_equal, vectorizer
from tests.predictors.text.test_features import CHARACTERS, DOCUMENTS, OPTIONS, WORDS

HASHING: dict[str, st.SearchStrategy[Any]] = {
    "n_features": st.sampled_from([1, 2, 7, 64, 2**12]),
    "alternate_sign": st.booleans(),
    "norm": st.sampled_from(["l1", "l2", None]),
}
ANALYZERS = st.one_of(
    st.fixed_dictionaries({**WORDS, **OPTIONS, **HASHING}), st.fixed_dictionaries({**CHARACTERS, **OPTIONS, **HASHING})
)
HOSTILE = ["", " ", "\x00 a\x00b", "x" * 100_000, "🚀" * 3000 + " é", "a\u0301 á", " 👩‍💻 👩‍💻", "\u3000", *TEXTS]

pytestmark = pytest.mark.filterwarnings("ignore:Your stop_words may be inconsistent")


@examples(150)
@given(ANALYZERS, DOCUMENTS)
@example({"analyzer": "char_wb", "ngram_range": (4, 6), "n_features": 7}, ["a", "", "abc de"])
def test_terms_are_those_of_scikit_learn(options: dict[str, Any], texts: list[str]) -> None:
    assert_equal(HashingVectorizer(**options).fit(CORPUS), texts)


@pytest.mark.parametrize("analyzer", ["word", "char", "char_wb"])
@pytest.mark.parametrize(
    "changes", [{}, {"alternate_sign": False, "norm": None}, {"binary": True, "norm": "l1"}], ids=str
)
def test_hostile_texts_have_the_terms_of_scikit_learn(analyzer: str, changes: dict[str, Any]) -> None:
    step = HashingVectorizer(analyzer=analyzer, ngram_range=(1, 3), n_features=2**10, **changes).fit(CORPUS)
    assert_equal(step, [*HOSTILE, *CORPUS])


def test_terms_that_cancel_each_other_still_count_for_a_binary_vectorizer() -> None:
    texts = [" ".join(f"word{number}" for number in range(count)) for count in (2, 3, 40)]
    for norm in (None, "l2"):
        assert_equal(HashingVectorizer(n_features=1, binary=True, norm=norm).fit(texts), texts)
        assert_equal(HashingVectorizer(n_features=1, norm=norm).fit(texts), texts)


def test_a_transformer_weights_the_hashed_terms() -> None:
    step = HashingVectorizer(n_features=50, alternate_sign=False, norm=None).fit(CORPUS)
    weighting = TfidfTransformer(sublinear_tf=True).fit(step.transform(CORPUS))
    assert_equal(step, [*CORPUS, *HOSTILE], weighting=weighting)


def test_the_least_hash_has_the_column_of_its_magnitude_and_counts_negatively(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashed_terms, "murmur_hashes", lambda data, starts, lengths: np.full(len(starts), -(2**31)))
    found = HashedTerms(vectorizer(), Hashing(1000, alternate_sign=True)).find(["a"])
    # what scikit-learn writes for it, as its C has no such magnitude
    assert found.columns.tolist() == [(2147483647 - (1000 - 1)) % 1000]
    assert found.counts is not None
    assert found.counts.tolist() == [-1]


@pytest.mark.parametrize("analyzer", ["word", "char", "char_wb"])
def test_a_long_text_worked_on_in_parts_has_the_same_terms(analyzer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashed_terms, "RANGES_AT_ONCE", 7)
    step = HashingVectorizer(analyzer=analyzer, ngram_range=(2, 3), n_features=99, norm=None).fit(CORPUS)
    assert_equal(step, ["", " ".join(CORPUS), "a", *CORPUS])


@pytest.mark.parametrize("analyzer", ["word", "char", "char_wb"])
def test_a_batch_worked_on_in_parts_has_the_same_terms(analyzer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "CHARACTERS_AT_ONCE", 50)
    assert_equal(HashingVectorizer(analyzer=analyzer, n_features=99).fit(CORPUS), ["", *CORPUS, "", *TEXTS, ""])


def test_a_batch_of_no_text_has_no_term() -> None:
    for analyzer in ("word", "char", "char_wb"):
        found = HashedTerms(vectorizer(analyzer=analyzer), Hashing(8, alternate_sign=True)).find([])
        assert len(found.rows) == 0
