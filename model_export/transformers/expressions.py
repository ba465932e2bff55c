"""Expressions of columns, such as ratios and sums, as a step of a pipeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from model_export.transformers.expression_trees import NEGATIVE, SQUARE, Tree, columns_of, fold, parse_expression

Doubles = npt.NDArray[np.float64]
OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.mod,
    "**": np.power,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
    NEGATIVE: np.negative,
    SQUARE: np.square,
    "abs": np.abs,
    "ceil": np.ceil,
    "exp": np.exp,
    "expm1": np.expm1,
    "floor": np.floor,
    "isnan": np.isnan,
    "log": np.log,
    "log10": np.log10,
    "log1p": np.log1p,
    "log2": np.log2,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "sqrt": np.sqrt,
    "where": lambda condition, then, otherwise: np.where(condition != 0, then, otherwise),
}
"""The numpy function of each operation. What is true or false becomes 1 or 0."""


class Expressions(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Adds a column for each expression of others: `Expressions({"price_per_m2": "price / area"})`.

    `expressions` are texts by the name of the new column. They read numbers in float64, and those above them by their
    names. The columns of an array without names are x0, x1 and so on. With `keep_columns=False` the new columns are
    all that is left. A frame gives a frame, so that a ColumnTransformer may follow; an array gives an array.

    All is computed as numpy does: a missing value is NaN and makes the result NaN, 1 / 0 is infinite, 0 / 0 and the
    logarithm of a negative number are NaN, and a comparison is 1 or 0, 0 with NaN.
    """

    def __init__(self, expressions: Mapping[str, str], *, keep_columns: bool = True) -> None:
        self.expressions = expressions
        self.keep_columns = keep_columns

    def fit(self, X: Any, y: Any = None) -> Expressions:
        """Read the expressions; raises ValueError for one that is not understood, and for columns that X lacks."""
        if not self.expressions:
            raise ValueError("Expressions has no expression; give it some, or leave the step out")
        validate_data(self, X, skip_check_array=True)
        unnamed = [f"x{place}" for place in range(self.n_features_in_)]
        self.names_in_ = list(map(str, getattr(self, "feature_names_in_", unnamed)))
        self.trees_: dict[str, Tree] = {}
        for name, text in self.expressions.items():
            self.trees_[name] = self._parsed(name, text, [*self.names_in_, *self.trees_])
        read = {column for tree in self.trees_.values() for column in columns_of(tree)}
        self.columns_read_ = [name for name in self.names_in_ if name in read]
        self._computed(X)
        return self

    def transform(self, X: Any) -> Any:
        """The columns of X and of the expressions; raises ValueError for a column of texts that one reads."""
        check_is_fitted(self)
        validate_data(self, X, skip_check_array=True, reset=False)
        computed = self._computed(X)
        if isinstance(X, pd.DataFrame):
            return X.assign(**computed) if self.keep_columns else pd.DataFrame(computed, index=X.index)
        columns = [column[:, np.newaxis] for column in computed.values()]
        return np.hstack([X, *columns] if self.keep_columns else columns)

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """The columns that are kept, and the names of the expressions."""
        check_is_fitted(self)
        names = self.names_in_ if input_features is None else list(map(str, input_features))
        return np.array([*(names if self.keep_columns else []), *self.expressions], dtype=object)

    def _parsed(self, name: str, text: str, known: Sequence[str]) -> Tree:
        if name in known:
            raise ValueError(f"expression {name!r} has the name of a column; give it another")
        tree = parse_expression(text)
        unknown = sorted(set(columns_of(tree)) - set(known))
        if unknown:
            raise ValueError(f"expression {text!r} reads {', '.join(unknown)}; the columns are {', '.join(known)}")
        return tree

    def _computed(self, X: Any) -> dict[str, Doubles]:
        """The expressions over the rows of X, each float64 [N]."""
        values = {name: _numbers(X, name, self.names_in_.index(name)) for name in self.columns_read_}
        computed: dict[str, Doubles] = {}
        with np.errstate(all="ignore"):
            for name, tree in self.trees_.items():
                found = fold(tree, np.float64, {**values, **computed}.__getitem__, _operated)
                computed[name] = np.asarray(found, dtype=np.float64)
        return computed


def _operated(name: str, arguments: Sequence[Any]) -> Any:
    return np.asarray(OPERATIONS[name](*arguments), dtype=np.float64)


def _numbers(X: Any, name: str, place: int) -> Doubles:
    column = X.iloc[:, place] if isinstance(X, pd.DataFrame) else pd.Series(np.asarray(X)[:, place])
    if column.dtype.kind in "mM":
        raise ValueError(f"an expression reads {name!r}, which holds dates; expressions are of numbers")
    if column.dtype.kind not in "iufb" and any(isinstance(value, str) for value in column):
        raise ValueError(f"an expression reads {name!r}, which holds texts; expressions are of numbers")
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
