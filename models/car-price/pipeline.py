"""Used-car prices: boosted trees over the logarithm of the price, so that no prediction is negative."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.model_selection import KFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler, TargetEncoder

CATEGORIES = ["fuel", "seller_type", "transmission", "owner"]


class FirstWords(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """The first `words` words of a text column, cut at single spaces: 1 gives the brand, 2 brand and model.

    A missing text counts as an empty one; nothing left is missing (None).
    """

    onnx_output = "string"

    def __init__(self, words: int = 1) -> None:
        self.words = words

    def fit(self, X: ArrayLike, y: object = None) -> FirstWords:
        self.n_features_in_ = np.shape(X)[1]
        return self

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        texts = np.asarray(X, dtype=object)
        first = np.empty(texts.shape, dtype=object)
        for place, text in np.ndenumerate(texts):
            padded = (text if isinstance(text, str) else "") + " " * self.words
            first[place] = " ".join(padded.split(" ")[: self.words]) or None
        return first

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[Any]:
        names = ["text"] * self.n_features_in_ if input_features is None else np.asarray(input_features)
        return np.array([f"{name}_first_{self.words}" for name in names], dtype=object)

    def to_onnx(self, graph: Any, x: str) -> str:
        # The spaces added make sure that there are enough words to gather, also in an empty text.
        padded = graph.op("StringConcat", x, graph.constant(np.array([" " * self.words], dtype=object)))
        split, _ = graph.op("StringSplit", padded, outputs=2, delimiter=" ")
        first, *others = (
            graph.op("Gather", split, graph.constant(np.array(position)), axis=-1) for position in range(self.words)
        )
        for word in others:
            spaced = graph.op("StringConcat", first, graph.constant(np.array([" "], dtype=object)))
            first = graph.op("StringConcat", spaced, word)
        return str(first)


class Usage(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """From year and kilometres: age (against the newest year seen in fit), kilometres, kilometres a year."""

    def fit(self, X: ArrayLike, y: object = None) -> Usage:
        self.newest_year_ = float(np.nanmax(np.asarray(X, dtype=np.float64)[:, 0]))
        return self

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:
        year, kilometres = np.asarray(X, dtype=np.float64).T
        age = self.newest_year_ - year
        return np.column_stack([age, kilometres, kilometres / (np.maximum(age, 0.0) + 1.0)])

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[Any]:
        return np.array(["age", "km_driven", "km_per_year"], dtype=object)

    def to_onnx(self, graph: Any, x: str) -> str:
        year, kilometres = (graph.op("Gather", x, graph.constant(np.array([i])), axis=1) for i in (0, 1))
        age = graph.op("Sub", graph.constant(np.array(self.newest_year_)), year)
        past = graph.op("Max", age, graph.constant(np.array(0.0)))
        yearly = graph.op("Div", kilometres, graph.op("Add", past, graph.constant(np.array(1.0))))
        return str(graph.op("Concat", age, kilometres, yearly, axis=1))


def build_pipeline(*, max_iter: int = 120, learning_rate: float = 0.15, max_leaf_nodes: int = 15) -> Pipeline:
    """An unfitted pipeline over a DataFrame: text columns of objects (None = missing), numbers float64 (NaN)."""
    model = HistGradientBoostingRegressor(
        max_iter=max_iter,
        learning_rate=learning_rate,
        max_leaf_nodes=max_leaf_nodes,
        early_stopping=False,
        random_state=0,
    )
    priced = TransformedTargetRegressor(model, func=np.log, inverse_func=np.exp)
    return Pipeline([("features", _features()), ("model", priced)])


def _features() -> ColumnTransformer:
    usage = [("impute", SimpleImputer(strategy="median")), ("derive", Usage()), ("scale", StandardScaler())]
    categories = [
        ("impute", SimpleImputer(missing_values=None, strategy="most_frequent")),
        ("encode", OneHotEncoder(handle_unknown="ignore", sparse_output=False)),
    ]
    return ColumnTransformer(
        [
            ("brand", _words(1), ["name"]),
            ("model", _words(2), ["name"]),
            ("usage", Pipeline(usage), ["year", "km_driven"]),
            ("categories", Pipeline(categories), CATEGORIES),
        ]
    )


def _words(words: int) -> Pipeline:
    """The mean price of what begins with the same words, drawn to the mean of all cars where there are few of them.

    What training never saw gets the mean of all cars. In fit a car's own price has no part in its mean, which is
    taken from the other four fifths of the rows: so at least five are needed.
    """
    encoder = TargetEncoder(target_type="continuous", cv=KFold(5, shuffle=True, random_state=0))
    return Pipeline([("words", FirstWords(words)), ("encode", encoder)])
