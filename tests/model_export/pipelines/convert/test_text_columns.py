"""Vectorizers among the steps of a table, as they are served."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC

from functions.core.errors import ConversionError
from functions.core.schema import Feature, Schema
from functions.predictors.by_task import open_graph_predictor
from model_export.pipelines.convert import export
from model_export.pipelines.convert.text_columns import MOST_HASHED_COLUMNS, takes_texts, texts_read, vectorizers_of

NAMES = ["title", "price", "review", "shop"]
SCHEMA = Schema(
    (
        Feature("title", "string", categorical=False),
        Feature("price", "number"),
        Feature("review", "string", categorical=False),
        Feature("shop", "string"),
    ),
    Feature("liked", "integer"),
)
WORDS = "good bad awful fine great slow ñandú café Straße 日本 2024 not very".split()  # noqa: SIM905


def _table(rows: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    texts = [[" ".join(random.choice(WORDS, 1 + row % 9)) for row in range(rows)] for _ in range(2)]
    shops = random.choice(["Lugo", "Soria"], rows)
    columns = {"title": texts[0], "price": random.normal(9, 3, rows), "review": texts[1], "shop": shops}
    return pd.DataFrame(columns).astype({"title": object, "review": object, "shop": object})


TRAIN, SERVED = _table(120, 0), _table(200, 1)
LIKED = TRAIN["review"].str.contains("good").to_numpy(int) + (TRAIN["price"] > 10).to_numpy(int)


def _columns(title: Any, review: Any) -> ColumnTransformer:
    return ColumnTransformer(
        [
            ("title", title, "title"),
            ("price", StandardScaler(), ["price"]),
            ("review", review, "review"),
            ("shop", OneHotEncoder(handle_unknown="ignore"), ["shop"]),
        ]
    )


def _served(pipeline: Any, table: pd.DataFrame, schema: Schema = SCHEMA) -> list[Any]:
    task: Any = "tabular-classification"
    predictor = open_graph_predictor(task, export(task, pipeline, schema), schema, pipeline.classes_.tolist())
    return predictor.run({name: table[name].tolist() for name in schema.feature_names})


@pytest.mark.parametrize(
    "pipeline",
    [
        make_pipeline(_columns(TfidfVectorizer(), CountVectorizer(ngram_range=(1, 2))), LogisticRegression()),
        make_pipeline(
            _columns(make_pipeline(CountVectorizer(), TfidfTransformer(sublinear_tf=True, norm="l1")), "drop"),
            RandomForestClassifier(8, random_state=0),
        ),
        make_pipeline(
            _columns(
                make_union(TfidfVectorizer(), TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 3))),
                make_pipeline(TfidfVectorizer(strip_accents="unicode"), TruncatedSVD(4, random_state=0)),
            ),
            LogisticRegression(),
        ),
        make_pipeline(
            make_pipeline("passthrough"),
            make_column_transformer(
                (TfidfVectorizer(), "title"),
                (make_pipeline("passthrough"), ["price"]),
                (make_pipeline(FunctionTransformer(), make_pipeline(OneHotEncoder(handle_unknown="ignore"))), ["shop"]),
            ),
            LogisticRegression(max_iter=1000),
        ),
        CalibratedClassifierCV(make_pipeline(_columns(TfidfVectorizer(), TfidfVectorizer()), LinearSVC()), cv=2),
        VotingClassifier(
            [
                ("a", make_pipeline(_columns(TfidfVectorizer(), "drop"), LogisticRegression())),
                ("b", make_pipeline(_columns("drop", CountVectorizer()), RandomForestClassifier(5, random_state=0))),
            ],
            voting="soft",
        ),
        make_pipeline(
            _columns(HashingVectorizer(n_features=64), make_union(HashingVectorizer(n_features=9), CountVectorizer())),
            LogisticRegression(),
        ),
        make_pipeline(
            _columns(
                make_pipeline(HashingVectorizer(n_features=32, norm=None, alternate_sign=False), TfidfTransformer()),
                make_pipeline(
                    HashingVectorizer(n_features=256, analyzer="char_wb", ngram_range=(2, 3), binary=True),
                    TruncatedSVD(4, random_state=0),
                ),
            ),
            RandomForestClassifier(8, random_state=0),
        ),
    ],
    ids=[
        "two texts",
        "counts weighted later",
        "a union and a projection",
        "steps that do nothing",
        "a vectorizer in each fold",
        "votes",
        "hashes",
        "hashes in rows",
    ],
)
def test_texts_next_to_other_columns(pipeline: Any) -> None:
    pipeline.fit(TRAIN, LIKED)
    label, probabilities = _served(pipeline, SERVED)
    np.testing.assert_array_equal(pipeline.classes_[label], pipeline.predict(SERVED))
    np.testing.assert_allclose(probabilities, pipeline.predict_proba(SERVED), rtol=1e-9, atol=1e-13)
    alone = [_served(pipeline, SERVED[row : row + 1])[1][0] for row in (0, 7)]
    np.testing.assert_allclose(alone, probabilities[[0, 7]], rtol=1e-12)


def test_each_vectorizer_is_found_with_its_column() -> None:
    columns = _columns(make_union(TfidfVectorizer(), CountVectorizer()), TfidfVectorizer())
    pipeline = make_pipeline(columns, LogisticRegression()).fit(TRAIN, LIKED)
    found = [(type(step).__name__, column) for step, column in vectorizers_of(pipeline, NAMES)]
    assert found == [("TfidfVectorizer", "title"), ("CountVectorizer", "title"), ("TfidfVectorizer", "review")]
    assert texts_read(pipeline, NAMES) == {"title", "review"}
    assert not takes_texts(pipeline)
    assert takes_texts(make_pipeline(make_union(TfidfVectorizer(), CountVectorizer()), LogisticRegression()))


def test_a_vectorizer_of_a_function_is_refused_by_name() -> None:
    columns = make_column_transformer((TfidfVectorizer(tokenizer=str.split, token_pattern=None), "title"))
    pipeline = make_pipeline(columns, LogisticRegression()).fit(TRAIN, LIKED)
    with pytest.raises(ConversionError, match=r"columntransformer__tfidfvectorizer.* its tokenizer is a function"):
        export("tabular-classification", pipeline, SCHEMA)


def test_more_columns_of_hashes_than_rows_should_hold_are_refused_with_the_way_out() -> None:
    hashing = HashingVectorizer(n_features=MOST_HASHED_COLUMNS + 1)
    pipeline = make_pipeline(_columns(hashing, "drop"), LogisticRegression()).fit(TRAIN, LIKED)
    with pytest.raises(ConversionError, match=r"HashingVectorizer.*262,145 columns.*set n_features=2\*\*16"):
        export("tabular-classification", pipeline, SCHEMA)


def test_a_vectorizer_of_what_another_step_returns_is_refused() -> None:
    first = make_column_transformer(("passthrough", ["title"]))
    second = make_column_transformer((TfidfVectorizer(), 0))
    pipeline = make_pipeline(first, second, LogisticRegression()).fit(TRAIN, LIKED)
    with pytest.raises(ConversionError, match="reads what another step returns; let it read a column of the table"):
        export("tabular-classification", pipeline, SCHEMA)
