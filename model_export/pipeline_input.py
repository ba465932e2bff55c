"""A validated table in the form that a scikit-learn pipeline was written for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer

from functions.core.errors import ConversionError
from functions.core.schema import Schema, Table
from model_export.convert import first_step

TEXT_VECTORIZERS = (CountVectorizer, HashingVectorizer)


def pipeline_input(pipeline: Any, table: Table, schema: Schema) -> Any:
    """A list of dicts where the first step is a DictVectorizer, of texts where it vectorizes texts, else a DataFrame.

    The frame has the features in schema order: strings as object with None, numbers as float64 with NaN.
    A dict leaves out what is missing. Raises ConversionError for texts where the schema has other features.
    """
    first = first_step(pipeline)
    if isinstance(first, TEXT_VECTORIZERS):
        return _texts(first, table, schema)
    if isinstance(first, DictVectorizer):
        names = schema.feature_names
        rows = zip(*(table[name] for name in names), strict=True)
        return [{name: value for name, value in zip(names, row, strict=True) if value is not None} for row in rows]
    return pd.DataFrame(
        {
            feature.name: pd.Series(table[feature.name], dtype=object if feature.is_string else np.float64)
            for feature in schema.features
        }
    )


def _texts(vectorizer: Any, table: Table, schema: Schema) -> list[Any]:
    if len(schema.features) != 1 or not schema.features[0].is_string:
        raise ConversionError(
            f"the first step is a {type(vectorizer).__name__}, which takes one text, but the features are "
            f"{', '.join(schema.feature_names)}: give the model one feature, a string"
        )
    return list(table[schema.feature_names[0]])


def target_array(table: Table, schema: Schema) -> Any:
    """The target column, [N]: float64 for a numeric one, else object."""
    values = table[schema.target.name]
    return np.array(values, dtype=object if schema.target.is_string else np.float64)
