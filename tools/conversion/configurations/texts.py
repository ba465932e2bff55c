"""Vectorizers of texts, alone and next to numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
from sklearn import linear_model, naive_bayes, svm
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import StandardScaler

from tools.conversion.configuration import Configuration, fitted, piped
from tools.conversion.tables import TargetKind

SECTION = "Texts"
NOT_SPACES = r"\S+"
FIRST_TWO = r"\b(\w\w)\w*\b"


def _review(frame: pd.DataFrame) -> Any:
    return frame["review"]


def _documents(
    name: str, build: Callable[[], Any], target: TargetKind = "three", rows: Callable[[Any], Any] = _review
) -> Configuration:
    return Configuration(SECTION, name, "texts", target, fitted(build), rows=rows)


_VECTORIZERS: dict[str, Callable[[], Any]] = {
    "CountVectorizer": CountVectorizer,
    "CountVectorizer(binary=True, ngram_range=(1, 2))": lambda: CountVectorizer(binary=True, ngram_range=(1, 2)),
    "CountVectorizer(max_df, min_df, max_features)": lambda: CountVectorizer(max_df=0.9, min_df=2, max_features=20),
    "CountVectorizer(vocabulary)": lambda: CountVectorizer(vocabulary=["good", "bad", "genial", "mala"]),
    "CountVectorizer(token_pattern, lowercase=False)": lambda: CountVectorizer(
        token_pattern=NOT_SPACES, lowercase=False
    ),
    "CountVectorizer(token_pattern with a group)": lambda: CountVectorizer(token_pattern=FIRST_TWO),
    "TfidfVectorizer": TfidfVectorizer,
    "TfidfVectorizer(stop_words='english', sublinear_tf=True)": lambda: TfidfVectorizer(
        stop_words="english", sublinear_tf=True
    ),
    "TfidfVectorizer(strip_accents='unicode')": lambda: TfidfVectorizer(strip_accents="unicode"),
    "TfidfVectorizer(strip_accents='ascii')": lambda: TfidfVectorizer(strip_accents="ascii"),
    "TfidfVectorizer(analyzer='char', ngram_range=(2, 4))": lambda: TfidfVectorizer(
        analyzer="char", ngram_range=(2, 4)
    ),
    "TfidfVectorizer(analyzer='char_wb', ngram_range=(2, 5))": lambda: TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 5)
    ),
    "TfidfVectorizer(norm='l1', use_idf=False)": lambda: TfidfVectorizer(norm="l1", use_idf=False),
    "TfidfVectorizer(norm=None, smooth_idf=False)": lambda: TfidfVectorizer(norm=None, smooth_idf=False),
    "TfidfVectorizer(dtype=np.float32)": lambda: TfidfVectorizer(dtype="float32"),
    "TfidfVectorizer(tokenizer=str.split)": lambda: TfidfVectorizer(tokenizer=str.split, token_pattern=None),
    "HashingVectorizer": lambda: HashingVectorizer(n_features=2**10),
    "HashingVectorizer(analyzer='char_wb')": lambda: HashingVectorizer(
        n_features=2**10, analyzer="char_wb", ngram_range=(2, 3)
    ),
    "HashingVectorizer()": HashingVectorizer,
    "HashingVectorizer(binary=True, alternate_sign=False, norm='l1')": lambda: HashingVectorizer(
        n_features=2**7, binary=True, alternate_sign=False, norm="l1", ngram_range=(1, 2)
    ),
    "HashingVectorizer(strip_accents='unicode', stop_words='english', norm=None)": lambda: HashingVectorizer(
        n_features=2**9, strip_accents="unicode", stop_words="english", norm=None
    ),
    "FeatureUnion(TfidfVectorizer of words, of characters)": lambda: make_union(
        TfidfVectorizer(), TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 3))
    ),
}
_MODELS: dict[str, Callable[[], Any]] = {
    "MultinomialNB": naive_bayes.MultinomialNB,
    "ComplementNB": naive_bayes.ComplementNB,
    "BernoulliNB": naive_bayes.BernoulliNB,
    "SGDClassifier(loss='log_loss')": lambda: linear_model.SGDClassifier(loss="log_loss", random_state=0),
    "SGDClassifier(loss='modified_huber')": lambda: linear_model.SGDClassifier(loss="modified_huber", random_state=0),
    "SGDClassifier(loss='hinge')": lambda: linear_model.SGDClassifier(random_state=0),
    "LinearSVC": lambda: svm.LinearSVC(random_state=0),
    "CalibratedClassifierCV(LinearSVC)": lambda: CalibratedClassifierCV(svm.LinearSVC(random_state=0), cv=2),
    "RidgeClassifier": linear_model.RidgeClassifier,
    "PassiveAggressiveClassifier": lambda: linear_model.PassiveAggressiveClassifier(random_state=0),
    "LogisticRegressionCV": lambda: linear_model.LogisticRegressionCV(cv=2, Cs=2),
    "OneVsRestClassifier(LogisticRegression)": lambda: OneVsRestClassifier(LogisticRegression()),
    "RandomForestClassifier": lambda: RandomForestClassifier(8, random_state=0),
    "GradientBoostingClassifier": lambda: GradientBoostingClassifier(n_estimators=4, random_state=0),
    "KNeighborsClassifier": KNeighborsClassifier,
}
_BETWEEN: dict[str, Callable[[], Any]] = {
    "TfidfTransformer": TfidfTransformer,
    "TruncatedSVD": lambda: TruncatedSVD(5, random_state=0),
    "SelectKBest(chi2)": lambda: SelectKBest(chi2, k=15),
}
_NUMBERS = ["age", "height", "weight", "dose", "change"]


def _columns(name: str, table: str, target: TargetKind, columns: Callable[[], Any], model: Any) -> Configuration:
    return Configuration(SECTION, name, table, target, fitted(lambda: make_pipeline(columns(), model())))


def _next_to_numbers(build: Callable[[], Any]) -> Callable[[], Any]:
    return lambda: make_column_transformer((build(), "review"), (StandardScaler(), _NUMBERS))


_IN_COLUMNS: dict[str, Callable[[], Any]] = {
    "TfidfVectorizer": TfidfVectorizer,
    "CountVectorizer(ngram_range=(1, 2))": lambda: CountVectorizer(ngram_range=(1, 2)),
    "HashingVectorizer": lambda: HashingVectorizer(n_features=2**8),
    "HashingVectorizer()": HashingVectorizer,
}
_COUNTED_HASHES: dict[str, Any] = {"n_features": 2**8, "alternate_sign": False, "norm": None}

CONFIGURATIONS: tuple[Configuration, ...] = (
    *(
        _documents(f"{name} and LogisticRegression", piped(build, LogisticRegression))
        for name, build in _VECTORIZERS.items()
    ),
    *(_documents(f"TfidfVectorizer and {name}", piped(TfidfVectorizer, build)) for name, build in _MODELS.items()),
    *(
        _documents(f"TfidfVectorizer and {name}", piped(TfidfVectorizer, build), "two")
        for name, build in _MODELS.items()
    ),
    *(
        _documents(
            f"CountVectorizer, {name} and LogisticRegression",
            piped(CountVectorizer, build, LogisticRegression),
        )
        for name, build in _BETWEEN.items()
    ),
    _documents(
        "HashingVectorizer(alternate_sign=False, norm=None), TfidfTransformer and MultinomialNB",
        piped(lambda: HashingVectorizer(**_COUNTED_HASHES), TfidfTransformer, naive_bayes.MultinomialNB),
    ),
    _documents("TfidfVectorizer and Ridge", piped(TfidfVectorizer, linear_model.Ridge), "number"),
    *(
        _columns(
            f"{name} next to numbers in a ColumnTransformer",
            "texts and numbers",
            "two",
            _next_to_numbers(build),
            LogisticRegression,
        )
        for name, build in _IN_COLUMNS.items()
    ),
    _columns(
        "TfidfVectorizer of two texts next to numbers in a ColumnTransformer",
        "two texts",
        "three",
        lambda: make_column_transformer(
            (TfidfVectorizer(), "review"), (CountVectorizer(), "reply"), (StandardScaler(), ["dose"])
        ),
        LogisticRegression,
    ),
    _columns(
        "HashingVectorizer of two texts next to numbers in a ColumnTransformer",
        "two texts",
        "three",
        lambda: make_column_transformer(
            (HashingVectorizer(n_features=2**6), "review"),
            (HashingVectorizer(n_features=2**7, analyzer="char", ngram_range=(1, 3)), "reply"),
            (StandardScaler(), ["dose"]),
        ),
        lambda: RandomForestClassifier(8, random_state=0),
    ),
    _columns(
        "TfidfVectorizer of one text in a ColumnTransformer, regression",
        "texts and numbers",
        "number",
        lambda: make_column_transformer((TfidfVectorizer(), "review")),
        linear_model.Ridge,
    ),
    _columns(
        "TfidfVectorizer next to numbers and RandomForestClassifier",
        "texts and numbers",
        "two",
        lambda: make_column_transformer((TfidfVectorizer(max_features=20), "review"), ("passthrough", _NUMBERS)),
        lambda: RandomForestClassifier(8, random_state=0),
    ),
    Configuration(
        SECTION,
        "pickle.dump((TfidfVectorizer, LogisticRegression))",
        "texts",
        "two",
        fitted(lambda: make_pipeline(TfidfVectorizer(), LogisticRegression())),
        rows=_review,
        saved=lambda pipeline: (pipeline[0], pipeline[1]),
    ),
)
