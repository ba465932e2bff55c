"""The fit of a pipeline on a table."""

from __future__ import annotations

from typing import Any

from sklearn.feature_extraction import DictVectorizer
from sklearn.pipeline import Pipeline

from functions.core.schema import Schema, Table
from model_export.pipelines.column_vectorizer import fit_transform_columns
from model_export.pipelines.pipeline_input import pipeline_input, training_target


def fit_on_table(pipeline: Any, table: Table, schema: Schema) -> None:
    """Fit the pipeline on its input and the target.

    The steps behind a DictVectorizer are fitted on the same matrix without a dictionary for each row, which would take
    most of the time and memory of a large table.
    """
    target = training_target(pipeline, table, schema)
    if _begins_with_dictionaries(pipeline):
        matrix = fit_transform_columns(pipeline.steps[0][1], table, schema)
        if matrix is not None:
            Pipeline(pipeline.steps[1:]).fit(matrix, target)
            return
    pipeline.fit(pipeline_input(pipeline, table, schema), target)


def _begins_with_dictionaries(pipeline: Any) -> bool:
    """True for a plain Pipeline that fits its steps in place, one after the other, and no copies of them."""
    return (
        type(pipeline) is Pipeline
        and len(pipeline.steps) > 1
        and type(pipeline.steps[0][1]) is DictVectorizer
        and not (pipeline.memory or pipeline.verbose or pipeline.transform_input)
    )
