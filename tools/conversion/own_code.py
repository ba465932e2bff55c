"""A file of classes and functions of the user's own, as `--code` takes it."""

from __future__ import annotations

import sys
from types import ModuleType

MODULE = "transformers_of_the_user"
CODE = '''"""Classes of the user's own."""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_array


class Doubled(TransformerMixin, BaseEstimator):
    def fit(self, x, y=None):
        return self

    def transform(self, x):
        return check_array(x) * 2.0

    def to_onnx(self, graph, x):
        return graph.op("Mul", x, graph.doubles(1, 1, of=2.0))


class Tripled(TransformerMixin, BaseEstimator):
    def fit(self, x, y=None):
        return self

    def transform(self, x):
        return check_array(x) * 3.0


def halved(x):
    return x / 2


def words(text):
    return [word.strip(".,").lower() for word in text.split()]


class Vectors(TransformerMixin, BaseEstimator):
    def fit(self, texts, y=None):
        self.fitted_ = True
        return self

    def transform(self, texts):
        return np.array([[len(text), sum(map(ord, text)) % 997] for text in texts], dtype=float)


class Around:
    def __init__(self, model):
        self.model = model

    def fit(self, rows, target):
        self.model.fit(rows, target)
        self.classes_ = self.model.classes_
        return self

    def predict(self, rows):
        return self.model.predict(rows)

    def predict_proba(self, rows):
        return self.model.predict_proba(rows)
'''


def own_module() -> ModuleType:
    """The module that CODE makes, importable so that its classes can be pickled."""
    if MODULE not in sys.modules:
        module = ModuleType(MODULE)
        exec(compile(CODE, f"{MODULE}.py", "exec"), module.__dict__)  # noqa: S102  a constant of this file
        sys.modules[MODULE] = module
    return sys.modules[MODULE]
