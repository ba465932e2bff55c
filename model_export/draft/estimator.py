"""Facts that a fitted pipeline keeps about its table, and a copy of the pipeline that is not fitted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, clone, is_classifier
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.feature_extraction import DictVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline

from functions.core.datetimes import TimeZone
from model_export.draft.columns import Kind
from model_export.pipelines.convert import first_step, library_of, target_classes, target_count, unwrapped
from model_export.pipelines.convert.catboost_categories import category_columns
from model_export.pipelines.convert.closed_encoders import closed_lists, encoded_levels, is_missing
from model_export.pipelines.convert.inspection import columns_counted, columns_learned, columns_read, walk
from model_export.pipelines.convert.targets import OF_MEMBERS
from model_export.pipelines.convert.text_columns import takes_texts, texts_read
from model_export.pipelines.native_boosters import training_again
from model_export.transformers.dates import DateParts
from model_export.transformers.expression_trees import columns_of
from model_export.transformers.expressions import Expressions

HISTOGRAM = (HistGradientBoostingClassifier, HistGradientBoostingRegressor)


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts about the table that a pipeline was fitted on.

    `columns` are its names in order, None if it was fitted on texts or on arrays of `width` columns.
    `read` are the columns that count: a ColumnTransformer drops the columns that no transformer names.
    `kinds` has the type of a column's values, `levels` the texts that a DictVectorizer or an encoder knows,
    `closed` the values of columns in which any other value is an error; vectorizers read `texts`. `columns_are_given`
    means that the order of columns without names was told. `imputed` are the columns that an imputer reads as they
    come, `imputes_all` means all of them. `numbers` are those that an encoder knows, `missing` the columns in which one
    learned a missing value, `time_zones` those of the datetimes that DateParts reads. Of several `targets`, `labels`
    has a tuple for each.
    """

    is_classifier: bool
    takes_texts: bool
    columns: tuple[str, ...] | None
    width: int | None
    read: frozenset[str] = frozenset()
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    levels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    labels: tuple[Any, ...] = ()
    closed: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    texts: frozenset[str] = frozenset()
    columns_are_given: bool = False
    imputed: frozenset[str] = frozenset()
    imputes_all: bool = False
    numbers: Mapping[str, frozenset[float]] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    targets: int = 1
    time_zones: Mapping[str, TimeZone | None] = field(default_factory=dict)

    @property
    def labels_by_target(self) -> tuple[tuple[Any, ...], ...]:
        """The labels of each target; empty ones of a regressor."""
        return self.labels if self.targets > 1 and self.labels else (self.labels,) * self.targets

    def with_columns(self, columns: Sequence[str]) -> Facts:
        """The same facts for columns without names, in the order in which they were told."""
        return replace(self, columns=tuple(columns), read=frozenset(columns), columns_are_given=True)


def facts_of(pipeline: Any, names_of_table: Collection[str] = ()) -> Facts:
    """The facts of a fitted pipeline; `names_of_table` are all names that columns of the table may have in a model."""
    targets = target_count(pipeline)
    labels: tuple[Any, ...] = ()
    if is_classifier(pipeline) and hasattr(pipeline, "classes_"):
        each = tuple(map(tuple, target_classes(pipeline)))
        labels = each if targets > 1 else each[0]
    return replace(_facts_of_table(pipeline, names_of_table), labels=labels, targets=targets)


def _facts_of_table(pipeline: Any, names_of_table: Collection[str]) -> Facts:
    """The facts without those of the targets."""
    first = first_step(pipeline)
    judged = is_classifier(pipeline)
    if takes_texts(pipeline):
        return Facts(judged, True, None, None)
    if isinstance(first, DictVectorizer):
        levels = _levels_of_entries(first, names_of_table)
        kinds: dict[str, Kind] = {name: "string" if found else "number" for name, found in levels.items()}
        return Facts(judged, False, tuple(levels), None, frozenset(levels), kinds, levels)
    seen = columns_learned(first, names_of_table)
    columns = None if seen is None else tuple(seen)
    encoded = encoded_levels(pipeline)
    texts = texts_read(pipeline, columns)
    kinds = {name: _kind(values) for name, values in encoded.items()} | dict.fromkeys(texts, "string")
    dates = _time_zones(pipeline, columns or ())
    kinds |= dict.fromkeys(dates, "datetime")
    if library_of(first) == "catboost":
        kinds |= dict.fromkeys(category_columns(first), "string")
    return Facts(
        judged,
        False,
        columns,
        columns_counted(first),
        frozenset(columns_read(first, names_of_table) or ()),
        kinds,
        {name: known for name, values in encoded.items() if (known := _texts_among(values))},
        closed=closed_lists(pipeline),
        texts=texts,
        imputed=_imputed(pipeline),
        imputes_all=_is_imputer(first),
        numbers={name: some for name, values in encoded.items() if (some := _numbers_among(values))},
        missing=frozenset(name for name, values in encoded.items() if any(map(is_missing, values))),
        time_zones=dates,
    )


def _time_zones(pipeline: Any, columns: Collection[str]) -> dict[str, TimeZone | None]:
    steps = [step for _, step in walk(pipeline) if isinstance(step, DateParts)]
    read = {name: zone for step in steps for name, zone in zip(_names(step), step.time_zones_, strict=True)}
    return {name: zone for name, zone in read.items() if name in columns}


def _names(step: Any) -> list[str]:
    return list(map(str, getattr(step, "feature_names_in_", ())))


def _imputed(pipeline: Any) -> frozenset[str]:
    """The columns that imputers read, also as part of an expression, or as parts of dates."""
    imputers = (step for _, step in walk(pipeline) if _is_imputer(step))
    read = {name for step in imputers for name in _names(step)}
    expressions = [step for _, step in walk(pipeline) if isinstance(step, Expressions)]
    # the last first, as it may read those before it
    for name, tree in (item for step in reversed(expressions) for item in reversed(step.trees_.items())):
        read |= set(columns_of(tree)) if name in read else set()
    pipelines = [container for _, container in walk(pipeline) if type(container) is Pipeline]
    read.update(name for container in pipelines for step in _imputed_dates(container) for name in _names(step))
    return frozenset(read)


def _imputed_dates(pipeline: Pipeline) -> list[DateParts]:
    """The steps of a pipeline that take parts of dates, within others too, and that are followed by an imputer."""
    steps = [
        [step for _, step in walk(one)] for _, one in pipeline.steps if not isinstance(one, str) and one is not None
    ]
    imputed = max((place for place, within in enumerate(steps) if any(map(_is_imputer, within))), default=0)
    return [step for within in steps[:imputed] for step in within if isinstance(step, DateParts)]


def _is_imputer(step: Any) -> bool:
    return type(step).__name__.endswith("Imputer")


def unfitted(estimator: Any) -> Any:
    """A clone that is not fitted, with the columns that were selected by type listed by name.

    The frames of retraining have other types than the user's, so a selection by type would select others.
    """
    estimator = unwrapped(estimator)
    if library_of(estimator) is not None or not isinstance(estimator, BaseEstimator):
        return _foreign(estimator)
    bare = clone(estimator)
    if isinstance(estimator, Pipeline):
        return bare.set_params(steps=[(name, unfitted(step)) for name, step in estimator.steps])
    if isinstance(estimator, FeatureUnion):
        return bare.set_params(transformer_list=[(name, unfitted(step)) for name, step in estimator.transformer_list])
    if isinstance(estimator, ColumnTransformer):
        return bare.set_params(transformers=_by_name(estimator))
    if inner := _inner(estimator):
        return bare.set_params(**{name: unfitted(one) for name, one in inner.items()})
    if isinstance(estimator, HISTOGRAM) and estimator.categorical_features == "from_dtype":
        return bare.set_params(categorical_features=_categories(estimator))
    if hasattr(estimator, "named_estimators_"):  # voting and stacking
        return bare.set_params(estimators=[(name, unfitted(one)) for name, one in estimator.named_estimators_.items()])
    return bare


def _inner(estimator: Any) -> dict[str, Any]:
    """The fitted estimator inside of a wrapper of one, by the name of its parameter; none for any other."""
    if isinstance(estimator, TransformedTargetRegressor):
        return {"regressor": estimator.regressor_}
    return {"estimator": estimator.estimators_[0]} if type(estimator) in OF_MEMBERS else {}


def _foreign(estimator: Any) -> Any:
    """A booster that is not fitted; anything else as it is."""
    if library_of(estimator) is None:
        return estimator
    if library_of(estimator) != "catboost":
        return clone(estimator).set_params(**training_again(estimator))
    # CatBoost copies lists, for which clone refuses it, and forgets arguments that are None.
    arguments = {**estimator.get_params(), **training_again(estimator)}
    return type(estimator)(**{name: value for name, value in arguments.items() if value is not None})


def _by_name(transformer: Any) -> list[tuple[str, Any, Any]]:
    fitted = transformer.named_transformers_
    chosen = zip(transformer.transformers, transformer._columns, strict=True)
    return [
        (name, unfitted(step if isinstance(step, str) else fitted.get(name, step)), _listed(columns))
        for (name, step, _), columns in chosen
    ]


def _listed(columns: Any) -> Any:
    return columns.tolist() if isinstance(columns, np.ndarray) else columns


def _categories(estimator: Any) -> Any:
    mask = estimator.is_categorical_
    if mask is None or not np.any(mask):
        return None
    names = getattr(estimator, "feature_names_in_", None)
    return np.flatnonzero(mask).tolist() if names is None else [str(name) for name in names[mask]]


def _levels_of_entries(vectorizer: Any, names: Collection[str]) -> dict[str, frozenset[str]]:
    """The columns of the entries name=level and name, in their order; a name of the table may hold the separator."""
    levels_by_name: dict[str, set[str]] = {}
    for entry in vectorizer.feature_names_:
        parts = entry.split(vectorizer.separator)
        heads = [vectorizer.separator.join(parts[:end]) for end in range(1, len(parts) + 1)]
        # The longest name of the table wins: of "a=b=c", a column "a=b" has the level "c".
        name = next((head for head in reversed(heads) if head in names), parts[0])
        level = entry.removeprefix(name).removeprefix(vectorizer.separator)
        levels_by_name.setdefault(name, set()).update([level] if name != entry else [])
    return {name: frozenset(levels) for name, levels in levels_by_name.items()}


def _numbers_among(values: Iterable[Any]) -> frozenset[float]:
    return frozenset(float(value) for value in values if isinstance(value, int | float) and not is_missing(value))


def _texts_among(values: Iterable[Any]) -> frozenset[str]:
    return frozenset(str(value) for value in values if isinstance(value, str))


def _kind(values: tuple[Any, ...]) -> Kind:
    return "string" if any(isinstance(value, str) for value in values) else "number"
