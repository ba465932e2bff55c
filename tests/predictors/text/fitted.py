"""Vectorizers fitted by scikit-learn, and the same ones as they serve."""

from __future__ import annotations

from typing import Any

import numpy as np

from functions.predictors.text.features import TextFeatures
from functions.predictors.text.vectorizer import Vectorizer
from model_export.pipelines.convert.vectorizers import vectorizer_of, weighting_of

CORPUS = [
    "Transfer learning for text classification, with transformers",
    "Redes neuronales: detección de imágenes en español; ¡qué niño más pequeño!",
    "the quick brown fox and the lazy dog 123 foo_bar __init__ naïve café CAFÉ",
    "深層学習 による 画像認識 テスト 機械学習",
    "Нейронная сеть ёлка машинное обучение, \u03c3 ς Σ ΟΔΥΣΣΕΥΣ",
    "한국어 자연어 처리 모델 هذا نص عربي क्षत्रिय हिन्दी",
    "İstanbul \u0131sparta straße STRASSE ﬁne ½ Ⅷ 👩‍💻 🇪🇸 model",
    "a b c d e  f\tg\nh\u00a0i\u3000j",
]


def dense(features: TextFeatures, texts: list[str], width: int) -> Any:
    found = features.of(texts)
    matrix = np.zeros((len(texts), width))
    matrix[found.rows, found.columns] = found.values
    return matrix


def assert_equal(step: Any, texts: list[str], *, weighting: Any = None) -> None:
    """Compare with scikit-learn's matrix, in a batch and one by one; counts to the last bit."""
    weightings = [] if weighting is None else [weighting_of(weighting)]
    written = vectorizer_of(step, weightings)
    features = TextFeatures(Vectorizer.from_json(written.to_json()))
    expected = step.transform(texts)
    expected = (expected if weighting is None else weighting.transform(expected)).toarray()
    tolerance = 1e-13 if written.weightings else 0.0
    together = dense(features, texts, written.width)
    np.testing.assert_allclose(together, expected, rtol=tolerance, atol=0)
    alone = [dense(features, [text], written.width)[0] for text in texts]
    np.testing.assert_array_equal(alone, together)


def vectorizer(**changes: Any) -> Vectorizer:
    """A vectorizer that finds the words "a" and "b", with `changes`."""
    options: dict[str, Any] = {
        "analyzer": "word",
        "ngram_range": (1, 1),
        "lowercase": True,
        "strip_accents": None,
        "token_pattern": r"\w+",
        "stop_words": (),
        "binary": False,
        "vocabulary": ("a", "b"),
        "weightings": (),
    }
    return Vectorizer(**{**options, **changes})
