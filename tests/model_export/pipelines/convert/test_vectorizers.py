"""Vectorizers as data: served words and weights are scikit-learn's, and functions are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from functions.core.errors import ConversionError
from functions.predictors.text.vectorizer import Hashing, Weighting
from model_export.pipelines.convert import export
from model_export.pipelines.convert.graph import InexactError
from model_export.pipelines.convert.vectorizers import vectorizer_of, weighting_of, width_of
from model_export.pipelines.edge_rows import TEXTS
from tests.model_export.pipelines.convert.texts import SCHEMA, TASK, assert_text_parity, corpus


@pytest.mark.parametrize(
    "steps",
    [
        [("counts", CountVectorizer()), ("weights", TfidfTransformer(sublinear_tf=True))],
        [("counts", CountVectorizer(dtype=np.float64, binary=True)), ("nothing", "passthrough")],
        [("weights", TfidfVectorizer(norm=None)), ("again", TfidfTransformer(norm="l1"))],
        [("nothing", "passthrough"), ("characters", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4)))],
    ],
)
def test_vectorizers_and_transformers_in_a_row(steps: list[tuple[str, Any]]) -> None:
    texts, tags = corpus(4)
    assert_text_parity(Pipeline([*steps, ("model", LogisticRegression())]).fit(texts, tags), [*texts, *TEXTS])


def shout(text: str) -> str:
    return text.upper()


REFUSED: dict[str, tuple[list[tuple[str, Any]], str]] = {
    "preprocessor": ([("v", TfidfVectorizer(preprocessor=shout))], r"step 'v' \(TfidfVectorizer\).*preprocessor is"),
    "tokenizer": ([("v", CountVectorizer(tokenizer=str.split, token_pattern=None))], "its tokenizer is a function"),
    "analyzer": ([("v", CountVectorizer(analyzer=str.split))], "its analyzer is a function"),
    "strip_accents": ([("v", TfidfVectorizer(strip_accents=shout))], "its strip_accents is a function"),
    "float32": ([("v", TfidfVectorizer(dtype=np.float32))], "dtype float32 is not exact"),
    "int8": ([("v", CountVectorizer(dtype=np.int8))], "dtype int8 is not exact"),
    "hashes in float32": ([("v", HashingVectorizer(n_features=9, dtype=np.float32))], "dtype float32 is not exact"),
    "hashes of a function": ([("v", HashingVectorizer(n_features=9, analyzer=str.split))], "analyzer is a function"),
    "n-grams of nothing": ([("v", CountVectorizer(ngram_range=(0, 1)))], "begins below 1"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_vectorizer_that_is_not_exact_is_refused_by_name(name: str) -> None:
    steps, reason = REFUSED[name]
    steps = steps if steps[-1][0] == "m" else [*steps, ("m", LogisticRegression())]
    texts, tags = corpus(4)
    with pytest.raises(ConversionError, match=reason):
        export(TASK, Pipeline(steps).fit(texts, tags), SCHEMA)


def test_an_idf_that_is_not_finite_is_refused() -> None:
    texts, tags = corpus(2)
    steps = [("v", CountVectorizer(vocabulary=["imagen", "nowhere"])), ("t", TfidfTransformer(smooth_idf=False))]
    with np.errstate(divide="ignore"):
        pipeline = Pipeline([*steps, ("m", LogisticRegression())]).fit(texts, tags)
    with pytest.raises(ConversionError, match=r"step 't' \(TfidfTransformer\).*leave smooth_idf at True"):
        export(TASK, pipeline, SCHEMA)


def test_half_a_character_in_the_vocabulary_is_refused() -> None:
    texts, tags = corpus(2)
    vectorizer = CountVectorizer(vocabulary=["imagen", "\ud800"])
    with pytest.raises(ConversionError, match="not valid Unicode"):
        export(TASK, Pipeline([("v", vectorizer), ("m", LogisticRegression())]).fit(texts, tags), SCHEMA)


def test_a_vectorizer_is_written_down_whole() -> None:
    step = TfidfVectorizer(ngram_range=(1, 2), stop_words=["the", "a"], sublinear_tf=True).fit(["the cat", "a dog"])
    written = vectorizer_of(step, [])
    assert (written.analyzer, written.ngram_range, written.stop_words) == ("word", (1, 2), ("a", "the"))
    assert written.vocabulary == ("cat", "dog")
    (weighting,) = written.weightings
    assert (weighting.sublinear_tf, weighting.norm, weighting.idf) == (True, "l2", tuple(step.idf_.tolist()))


def test_a_hashing_vectorizer_is_written_without_a_vocabulary() -> None:
    written = vectorizer_of(HashingVectorizer(n_features=32, alternate_sign=False, norm="l1", stop_words=["a"]), ())
    assert (written.vocabulary, written.hashing, written.stop_words) == ((), Hashing(32, alternate_sign=False), ("a",))
    assert written.weightings == (Weighting(sublinear_tf=False, idf=None, norm="l1"),)
    assert vectorizer_of(HashingVectorizer(norm=None), ()).weightings == ()


def test_the_width_is_that_of_the_terms() -> None:
    assert width_of(CountVectorizer().fit(["cat dog"])) == 2
    assert width_of(HashingVectorizer(n_features=9)) == 9


def test_characters_have_neither_words_nor_stop_words() -> None:
    written = vectorizer_of(CountVectorizer(analyzer="char", ngram_range=(2, 2)).fit(["abc"]), [])
    assert (written.token_pattern, written.stop_words, written.vocabulary) == ("", (), ("ab", "bc"))
    assert written.weightings == ()


def test_weights_fitted_in_single_precision_are_refused() -> None:
    transformer = TfidfTransformer().fit(np.eye(2))
    transformer.idf_ = transformer.idf_.astype(np.float32)
    with pytest.raises(InexactError, match="it was fitted on float32 numbers"):
        weighting_of(transformer)


def test_a_vectorizer_of_files_is_refused() -> None:
    step = CountVectorizer(vocabulary=["a"], input="filename")
    step._validate_vocabulary()
    with pytest.raises(InexactError, match="it reads 'filename'; documents are sent as text"):
        vectorizer_of(step, [])
