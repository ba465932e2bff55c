"""Vectorizers among the steps of a table: each one is written as data, and the graph gets its terms as an input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from skl2onnx.common.data_types import DoubleTensorType
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline

from functions.predictors.text.columns import TextColumn
from model_export.pipelines.convert.graph import InexactError
from model_export.pipelines.convert.inspection import (
    StepRefusal,
    children,
    first_step,
    flat_steps,
    is_passthrough,
    unwrapped,
    walk,
)
from model_export.pipelines.convert.operators import Variables
from model_export.pipelines.convert.vectorizers import vectorizer_of, width_of
from model_export.transformers.expressions import Expressions

VECTORIZERS = (TfidfVectorizer, CountVectorizer, HashingVectorizer)
MOST_HASHED_COLUMNS = 2**18
"""Columns of hashes in a table, where each row has all of them: 2 MB of doubles."""


def takes_texts(pipeline: Any) -> bool:
    """True for a pipeline that gets a list of texts, because its first step is a vectorizer or a union of them."""
    first = first_step(pipeline)
    if type(first) is FeatureUnion:
        return all(takes_texts(step) for _, step in children(first) if step != "drop" and not is_passthrough(step))
    return isinstance(first, CountVectorizer | HashingVectorizer)


def vectorizers_of(pipeline: Any, columns: Sequence[str]) -> list[tuple[Any, str]]:
    """Each fitted vectorizer with the column that it reads; `columns` are the ones that the pipeline gets, in order.

    Raises StepRefusal for a vectorizer that reads anything but one column of the table.
    """
    return list(_reading(pipeline, list(columns)))


def texts_read(pipeline: Any, columns: Sequence[str] | None) -> frozenset[str]:
    """The columns that vectorizers read; none without names, or where the pipeline could not be converted anyway."""
    if columns is None:
        return frozenset()
    try:
        return frozenset(column for _, column in vectorizers_of(pipeline, columns))
    except StepRefusal:
        return frozenset()


def text_columns_of(vectorizers: Sequence[tuple[Any, str]]) -> list[TextColumn]:
    """The vectorizers as data; raises StepRefusal."""
    found = []
    for step, column in vectorizers:
        _refuse_wide(step)
        try:
            found.append(TextColumn(column, vectorizer_of(step, ())))
        except InexactError as refusal:
            raise StepRefusal(step, str(refusal)) from refusal
    return found


def terms_type(vectorizer: Any) -> tuple[str, Any]:
    """The name and the type of the input that holds the terms of a vectorizer, before the graph is packed."""
    return f"terms of {id(vectorizer)}", DoubleTensorType([None, width_of(vectorizer)])


def terms(scope: Any, vectorizer: Any) -> Variables:
    """The input that holds the terms of a vectorizer."""
    name, _ = terms_type(vectorizer)
    return [next(variable for variable in scope.variables.values() if variable.raw_name == name)]


def _refuse_wide(step: Any) -> None:
    if isinstance(step, HashingVectorizer) and step.n_features > MOST_HASHED_COLUMNS:
        raise StepRefusal(
            step,
            f"it returns {step.n_features:,} columns, all of which each row would hold as numbers here, and the limit "
            f"is {MOST_HASHED_COLUMNS:,}; set n_features=2**16, or make it a text model with a linear classifier",
        )


def _reading(estimator: Any, columns: list[str]) -> Iterator[tuple[Any, str]]:
    estimator = unwrapped(estimator)
    if type(estimator) in VECTORIZERS:
        if len(columns) != 1:
            raise StepRefusal(estimator, "it reads one column of texts; name that column alone, without a list")
        yield estimator, columns[0]
    elif type(estimator) is Pipeline:
        yield from _first_of(estimator, columns)
    elif type(estimator) is ColumnTransformer:
        for name, step in children(estimator):
            used = [columns[int(place)] for place in estimator._transformer_to_input_indices[name]]
            yield from _reading(step, used)
    else:
        for _, step in children(estimator):
            yield from _reading(step, columns)


def _first_of(pipeline: Pipeline, columns: list[str]) -> Iterator[tuple[Any, str]]:
    steps = flat_steps(pipeline)
    while steps and isinstance(steps[0], Expressions):  # it leaves the columns of the table as they are
        columns = list(map(str, steps.pop(0).get_feature_names_out(columns)))
    for first in steps[:1]:
        yield from _reading(first, columns)
    for _, step in (inner for other in steps[1:] for inner in walk(other)):
        if type(step) in VECTORIZERS:
            raise StepRefusal(step, "it reads what another step returns; let it read a column of the table itself")
