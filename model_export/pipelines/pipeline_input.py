"""Input of a scikit-learn pipeline, in the form that it was written for, from a validated table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.feature_extraction import DictVectorizer

from functions.core.errors import ConversionError
from functions.core.schema import Feature, Schema, Table, TensorName
from model_export.pipelines.convert import columns_with_nan, first_step, library_of, takes_columns
from model_export.pipelines.convert.inspection import JUDGED, columns_counted, columns_learned, is_fitted
from model_export.pipelines.convert.text_columns import takes_texts

NUMBERING_LIBRARIES = ("xgboost", "lightgbm")
"""Libraries whose estimators number the categories of a column by themselves."""


DTYPES: Mapping[TensorName, Any] = {"strings": object, "numbers": np.float64, "datetimes": "datetime64[us]"}


def pipeline_input(pipeline: Any, table: Table, schema: Schema) -> Any:
    """A list of dicts if the first step is a DictVectorizer, of texts if it vectorizes texts, else a DataFrame.

    The frame has the features in the order of the schema: strings as object, numbers as float64 with NaN, booleans as
    1 and 0 among them, and datetimes as datetime64[us] with NaT, in UTC or without time zone. A missing string is None,
    or NaN in a column that was fitted on NaN or is imputed. XGBoost and LightGBM take no strings: where they read the
    frame themselves, strings are of dtype category. A pipeline that was fitted on arrays gets an array. A dict has no
    key for a missing value.

    Raises ConversionError for texts where the schema has other features, and for None behind an imputer of NaN.
    """
    first = first_step(pipeline)
    if takes_texts(pipeline):
        return _texts(first, table, schema)
    if isinstance(first, DictVectorizer):
        names = schema.feature_names
        rows = zip(*(table[name] for name in names), strict=True)
        return [{name: value for name, value in zip(names, row, strict=True) if value is not None} for row in rows]
    frame = pd.DataFrame(
        {feature.name: pd.Series(table[feature.name], dtype=DTYPES[feature.tensor]) for feature in schema.features}
    )
    for feature in schema.features:
        if feature.time_zone == "UTC":
            frame[feature.name] = frame[feature.name].dt.tz_localize("UTC")
    if library_of(first) in NUMBERING_LIBRARIES:
        frame = frame.astype(dict.fromkeys(schema.string_names, "category"))
    elif schema.string_names:
        for name in columns_with_nan(pipeline, schema.string_names):
            frame[name] = frame[name].where(frame[name].notna(), np.nan)
    return frame.to_numpy() if _was_fitted_on_arrays(first) else frame


def _was_fitted_on_arrays(first: Any) -> bool:
    is_ours_to_judge = type(first).__module__.startswith(JUDGED) or library_of(first) is not None
    return is_ours_to_judge and is_fitted(first) and bool(columns_counted(first)) and columns_learned(first) is None


def _texts(vectorizer: Any, table: Table, schema: Schema) -> list[Any]:
    if len(schema.features) != 1 or not schema.features[0].is_string:
        raise ConversionError(
            f"the first step is a {type(vectorizer).__name__}, which takes one text, but the features are "
            f"{', '.join(schema.feature_names)}: give the model one feature, a string"
        )
    return list(table[schema.feature_names[0]])


KINDS: Mapping[str, type] = {"boolean": np.bool_, "integer": np.int64, "number": np.float64, "string": object}
"""The dtype of each type of a target; of several targets the last of theirs holds the values of all."""


def target_array(table: Table, schema: Schema) -> Any:
    """The target column [N]: int64, float64, bool or object, by its type in the schema.

    Several targets are the columns of one array [N, targets]; texts beside other types make texts of all.
    """
    if not schema.has_several_targets:
        (target,) = schema.targets
        return np.array(table[target.name], dtype=KINDS[target.type])
    types = {target.type for target in schema.targets}
    kind = [kind for kind in KINDS if kind in types][-1]
    is_mixed_with_texts = kind == "string" and len(types) > 1
    columns = [table[name] for name in schema.target_names]
    if is_mixed_with_texts:
        columns = [[str(value) for value in column] for column in columns]
    return np.array(columns, dtype=KINDS[kind]).T


def training_target(pipeline: Any, table: Table, schema: Schema) -> Any:
    """The `target_array` as the pipeline is fitted on it: one target is [N], or [N, 1] where it wants columns."""
    target = target_array(table, schema)
    return target.reshape(len(target), -1) if takes_columns(pipeline) else target


def typed_label(label: Any, target: Feature) -> Any:
    """The class of a pipeline that was fitted on a `target_array`, as a value of its target."""
    if target.is_string:
        return label
    if isinstance(label, str):
        return target.labels.get(label, label)
    return WHOLE[target.type](label) if float(label).is_integer() else label


WHOLE: Mapping[str, Callable[[Any], Any]] = {"boolean": bool, "integer": int, "number": float}
