"""Steps that raise an error for a value that training lacked: exact only where no such value may be sent.

They are encoders of scikit-learn, and XGBoost with columns of dtype category.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from functions.core.schema import Schema
from model_export.pipelines.convert import lightgbm_models, xgboost_models
from model_export.pipelines.convert.converters import BOOSTERS
from model_export.pipelines.convert.graph import InexactError
from model_export.pipelines.convert.inspection import StepRefusal, is_fitted, walk
from model_export.pipelines.convert.libraries import class_name, library_of

READERS = {"lightgbm": lightgbm_models.lightgbm_levels, "xgboost": xgboost_models.xgboost_levels}
NATIVE: Mapping[str, Callable[[Any], Mapping[str, tuple[Any, ...]]]] = {
    name: READERS[library] for name in BOOSTERS for library in READERS if name.startswith(f"{library}.")
}
INSTEAD = {OneHotEncoder: "'ignore'", OrdinalEncoder: "'use_encoded_value' and an unknown_value"}


def refuse_open_encoders(pipeline: Any, schema: Schema) -> None:
    """Raises StepRefusal unless the schema's closed lists keep unknown values from every such encoder."""
    closed = {id(encoder) for encoder, levels in _read_by_encoders(pipeline) if _is_closed(levels, schema)}
    for _, step in walk(pipeline):
        if _raises(step) and id(step) not in closed:
            raise StepRefusal(step, f"a graph cannot raise an error, as {_cause(step)} `allowed` of its features")


def closed_lists(pipeline: Any) -> dict[str, tuple[Any, ...]]:
    """The values that such an encoder allows each feature, without missing ones."""
    lists: dict[str, tuple[Any, ...]] = {}
    for encoder, levels in _read_by_encoders(pipeline):
        if _raises(encoder):
            lists |= {
                name: tuple(value for value in values if not is_missing(value)) for name, values in levels.items()
            }
    return lists


def encoded_levels(pipeline: Any) -> dict[str, tuple[Any, ...]]:
    """The values of each feature that an encoder learned, missing ones included."""
    return {name: values for _, levels in _read_by_encoders(pipeline) for name, values in levels.items()}


def _read_by_encoders(pipeline: Any) -> Iterator[tuple[Any, Mapping[str, tuple[Any, ...]]]]:
    """Each fitted encoder that gets columns by name, as they are or imputed, with the categories of each column."""
    for _, step in walk(pipeline):
        names = [str(name) for name in getattr(step, "feature_names_in_", ())]
        if native := _native_levels(step):
            yield step, native
        encoder = _first_encoder(step)
        # An encoder behind a step that adds or drops columns no longer has one list for each name.
        if encoder is not None and len(encoder.categories_) == len(names):
            values: Sequence[Any] = [tuple(categories.tolist()) for categories in encoder.categories_]
            yield encoder, dict(zip(names, values, strict=True))


def _first_encoder(step: Any) -> Any:
    if isinstance(step, Pipeline):
        return next((inner for _, inner in step.steps if hasattr(inner, "categories_")), None)
    return step if hasattr(step, "categories_") else None


def _raises(step: Any) -> bool:
    if type(step) in INSTEAD:
        return bool(step.handle_unknown == "error")
    return library_of(step) == "xgboost" and bool(_native_levels(step))


def _cause(step: Any) -> str:
    if type(step) not in INSTEAD:
        return "it does for a category that training lacked; list what may be sent in"
    return (
        f"handle_unknown={step.handle_unknown!r} does; set handle_unknown={INSTEAD[type(step)]}, or list what may be "
        "sent in"
    )


def _native_levels(step: Any) -> Mapping[str, tuple[Any, ...]]:
    """The categories that a booster numbers by itself, by column.

    None for any other step, nor for a booster that has no exact form: its conversion says why.
    """
    if class_name(step) not in NATIVE or not is_fitted(step):
        return {}
    try:
        return NATIVE[class_name(step)](step)
    except InexactError:
        return {}


def _is_closed(levels: Mapping[str, tuple[Any, ...]], schema: Schema) -> bool:
    features = {feature.name: feature for feature in schema.features}
    return all(
        name in features and features[name].choices and set(features[name].choices) <= set(values)
        for name, values in levels.items()
    )


def is_missing(value: Any) -> bool:
    return value is None or value != value
