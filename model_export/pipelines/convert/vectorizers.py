"""Fitted vectorizers as data; refused where they hold functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer

from functions.predictors.text.vectorizer import Hashing, Vectorizer, Weighting
from model_export.pipelines.convert.graph import InexactError

FUNCTIONS = ("preprocessor", "tokenizer", "analyzer", "strip_accents")
EXACT_COUNTS = ("int32", "int64", "uint32", "uint64", "float64")


def vectorizer_of(step: Any, weightings: Sequence[Weighting]) -> Vectorizer:
    """A fitted vectorizer of texts with the weightings of the steps after it; raises InexactError."""
    _refuse_functions(step)
    is_hashing = isinstance(step, HashingVectorizer)
    _refuse_other_numbers(step, ("float64",) if is_hashing or isinstance(step, TfidfVectorizer) else EXACT_COUNTS)
    least, most = step.ngram_range
    if least < 1:
        raise InexactError(f"ngram_range {step.ngram_range} begins below 1; let it begin at 1")
    is_word = step.analyzer == "word"
    return Vectorizer(
        analyzer=step.analyzer,
        ngram_range=(int(least), int(most)),
        lowercase=bool(step.lowercase),
        strip_accents=step.strip_accents or None,
        token_pattern=step.token_pattern if is_word else "",
        stop_words=tuple(sorted(step.get_stop_words() or ())) if is_word else (),
        binary=bool(step.binary),
        vocabulary=() if is_hashing else _vocabulary(step),
        weightings=(*_own_weightings(step), *weightings),
        hashing=Hashing(int(step.n_features), bool(step.alternate_sign)) if is_hashing else None,
    )


def width_of(step: Any) -> int:
    """The number of columns that a fitted vectorizer returns."""
    return int(step.n_features) if isinstance(step, HashingVectorizer) else len(step.vocabulary_)


def weighting_of(transformer: Any) -> Weighting:
    """A fitted TfidfTransformer; raises InexactError."""
    idf = getattr(transformer, "idf_", None)
    if idf is not None and idf.dtype != np.float64:
        raise InexactError(f"it was fitted on {idf.dtype} numbers; leave the vectorizer's dtype at its default")
    if idf is not None and not np.isfinite(idf).all():
        raise InexactError("its idf is not finite for a term that no document has; leave smooth_idf at True")
    return Weighting(
        sublinear_tf=bool(transformer.sublinear_tf),
        idf=None if idf is None else tuple(idf.tolist()),
        norm=transformer.norm,
    )


def _own_weightings(step: Any) -> list[Weighting]:
    if isinstance(step, TfidfVectorizer):
        return [weighting_of(step._tfidf)]
    if isinstance(step, HashingVectorizer) and step.norm is not None:
        return [Weighting(sublinear_tf=False, idf=None, norm=step.norm)]
    return []


def _vocabulary(step: Any) -> tuple[str, ...]:
    terms = tuple(str(term) for term in sorted(step.vocabulary_, key=step.vocabulary_.__getitem__))
    for term in terms:
        if not _is_unicode(term):
            raise InexactError(f"{term!r} of its vocabulary is not valid Unicode; fit it on UTF-8 documents")
    return terms


def _is_unicode(term: str) -> bool:
    try:
        term.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse_functions(step: Any) -> None:
    for name in FUNCTIONS:
        if callable(getattr(step, name)):
            raise InexactError(f"its {name} is a function, which cannot be written down; leave {name} at its default")
    if step.input != "content":
        raise InexactError(f"it reads {step.input!r}; documents are sent as text, so leave input at 'content'")


def _refuse_other_numbers(step: Any, exact: Sequence[str]) -> None:
    name = np.dtype(step.dtype).name
    if name not in exact:
        raise InexactError(f"dtype {name} is not exact; leave dtype at its default")
