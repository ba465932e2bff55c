"""Text pipelines: every supported classifier and vectorizer equals scikit-learn, every other is refused by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression, RidgeClassifier, SGDClassifier
from sklearn.naive_bayes import BernoulliNB, ComplementNB, MultinomialNB
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.svm import LinearSVC

from functions.core.errors import ConversionError
from functions.core.schema import Feature, Schema
from functions.predictors.by_task import open_graph_predictor
from model_export.pipelines.convert import export
from model_export.pipelines.edge_rows import TEXTS
from tests.generated import examples

TASK: Any = "text-classification"
SCHEMA = Schema((Feature("text", "string", categorical=False),), Feature("tag", "string"))
TOPICS = {
    "visión": "imagen image píxel camera convolución segmentación 画像",
    "lenguaje": "texto text palabra word traducción transformer 言語",
    "mlops": "despliegue deploy drift docker versión registry pipeline",
    "otros": "grafo graph recomendación agent política Größe номер",
}


def corpus(topics: int, rows: int = 120) -> tuple[list[str], list[str]]:
    chance = np.random.default_rng(1)
    names = list(TOPICS)[:topics]
    tags = chance.choice(names, rows).tolist()
    every = " ".join(TOPICS.values()).split()
    texts = [" ".join([*chance.choice(TOPICS[tag].split(), 5), *chance.choice(every, 4)]) for tag in tags]
    return texts, tags


def stochastic(**options: Any) -> SGDClassifier:
    return SGDClassifier(**{"random_state": 1, "loss": "log_loss", **options})


CLASSIFIERS = {
    "log_loss": stochastic(),
    "log_loss, far from 0": stochastic(alpha=1e-7),
    "log_loss, averaged": stochastic(average=True, learning_rate="adaptive", eta0=0.1),
    "modified_huber": stochastic(loss="modified_huber"),
    "modified_huber, often 0": stochastic(loss="modified_huber", alpha=1e-6),
    "logistic": LogisticRegression(),
    "logistic without intercept": LogisticRegression(fit_intercept=False, C=100),
    "multinomial": MultinomialNB(),
    "multinomial, prior": MultinomialNB(fit_prior=False, alpha=0.01),
    "complement": ComplementNB(),
    "complement, normed": ComplementNB(norm=True),
}


def assert_parity(pipeline: Any, texts: list[str]) -> None:
    predictor = open_graph_predictor(TASK, export(TASK, pipeline, SCHEMA), SCHEMA, pipeline.classes_.tolist())
    label, probabilities = predictor.run({"text": [*texts]})
    assert pipeline.classes_[label].tolist() == pipeline.predict(texts).tolist()
    np.testing.assert_allclose(probabilities, pipeline.predict_proba(texts), rtol=1e-10, atol=1e-13)
    assert (label.dtype, probabilities.dtype) == (np.int64, np.float64)


@pytest.mark.parametrize("topics", [2, 4])
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier_equals_the_original(name: str, topics: int) -> None:
    texts, tags = corpus(topics)
    for vectorizer in (TfidfVectorizer(), CountVectorizer()):
        pipeline = Pipeline([("vectorizer", vectorizer), ("model", CLASSIFIERS[name])]).fit(texts, tags)
        assert_parity(pipeline, [*texts[:40], *TEXTS, *corpus(4, 20)[0], ""])


def test_two_classes_of_liblinear() -> None:
    texts, tags = corpus(2)
    assert_parity(
        Pipeline([("v", CountVectorizer()), ("m", LogisticRegression(solver="liblinear"))]).fit(texts, tags), texts
    )


def test_coefficients_may_be_sparse() -> None:
    texts, tags = corpus(4)
    pipeline = Pipeline([("v", TfidfVectorizer()), ("m", stochastic(penalty="l1", alpha=1e-3))]).fit(texts, tags)
    pipeline["m"].sparsify()
    assert_parity(pipeline, texts)


def test_numeric_labels_keep_their_order() -> None:
    texts, tags = corpus(4)
    numbers = [10 * list(TOPICS).index(tag) for tag in tags]
    assert_parity(Pipeline([("v", TfidfVectorizer()), ("m", stochastic())]).fit(texts, numbers), texts)


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
    assert_parity(Pipeline([*steps, ("model", LogisticRegression())]).fit(texts, tags), [*texts, *TEXTS])


@pytest.fixture(scope="module")
def fitted() -> Any:
    texts, tags = corpus(4)
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), strip_accents="unicode", stop_words="english", sublinear_tf=True)
    return Pipeline([("vectorizer", vectorizer), ("model", stochastic())]).fit(texts, tags)


@examples(25)
@given(st.lists(st.text(max_size=80) | st.sampled_from(TEXTS) | st.sampled_from(corpus(4)[0]), min_size=1, max_size=20))
def test_any_texts_at_all(fitted: Any, texts: list[str]) -> None:
    assert_parity(fitted, texts)


def test_the_same_pipeline_gives_the_same_bytes(fitted: Any) -> None:
    assert export(TASK, fitted, SCHEMA) == export(TASK, fitted, SCHEMA)


def shout(text: str) -> str:
    return text.upper()


REFUSED: dict[str, tuple[list[tuple[str, Any]], str]] = {
    "preprocessor": ([("v", TfidfVectorizer(preprocessor=shout))], r"step 'v' \(TfidfVectorizer\).*preprocessor is"),
    "tokenizer": ([("v", CountVectorizer(tokenizer=str.split, token_pattern=None))], "its tokenizer is a function"),
    "analyzer": ([("v", CountVectorizer(analyzer=str.split))], "its analyzer is a function"),
    "strip_accents": ([("v", TfidfVectorizer(strip_accents=shout))], "its strip_accents is a function"),
    "float32": ([("v", TfidfVectorizer(dtype=np.float32))], "dtype float32 is not exact"),
    "int8": ([("v", CountVectorizer(dtype=np.int8))], "dtype int8 is not exact"),
    "n-grams of nothing": ([("v", CountVectorizer(ngram_range=(0, 1)))], "begins below 1"),
    "hashing": ([("h", HashingVectorizer(n_features=64))], r"step 'h' \(HashingVectorizer\).*the first step"),
    "selection": ([("v", CountVectorizer()), ("s", SelectKBest(k=5))], r"step 's' \(SelectKBest\).*only Tfidf"),
    "union": ([("u", FeatureUnion([("v", TfidfVectorizer())]))], "the first step of a text model"),
    "SVM": ([("v", TfidfVectorizer()), ("m", LinearSVC())], r"step 'm' \(LinearSVC\).*no probabilities; .*SGDCl"),
    "ridge": ([("v", TfidfVectorizer()), ("m", RidgeClassifier())], "it has no probabilities"),
    "hinge": ([("v", TfidfVectorizer()), ("m", SGDClassifier())], "with loss='hinge' it has no probabilities"),
    "Bernoulli": ([("v", CountVectorizer()), ("m", BernoulliNB())], r"\(BernoulliNB\).*use one of SGDClassifier"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_exact_is_refused_with_its_step(name: str) -> None:
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


@pytest.mark.parametrize("pipeline", [LogisticRegression(), Pipeline([("v", TfidfVectorizer()), ("m", stochastic())])])
def test_what_is_no_fitted_pipeline_is_refused(pipeline: Any) -> None:
    with pytest.raises(ConversionError, match=r"not fitted|a text model is a Pipeline"):
        export(TASK, pipeline, SCHEMA)
