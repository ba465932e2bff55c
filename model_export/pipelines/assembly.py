"""One fitted pipeline from the objects in a user's files: a model, what is in front of it, the names of its classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, permutations
from typing import Any

import joblib
import numpy as np
from sklearn.base import BaseEstimator, is_classifier, is_regressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import LabelBinarizer, LabelEncoder, MultiLabelBinarizer

from functions.core.errors import ConversionError
from model_export.pipelines.convert import (
    columns_counted,
    columns_learned,
    first_step,
    library_of,
    target_classes,
    target_count,
    unwrapped,
    with_named_classes,
)
from model_export.pipelines.convert.inspection import is_fitted
from model_export.pipelines.native_boosters import as_estimator, without_column_names

NEAREST = "train on the table alone: despliegue new without --pipeline"
MOST_ORDERED = 4
"""Transformers whose order may be sought by the widths of their columns; more have too many orders."""


@dataclass(frozen=True, slots=True)
class Assembled:
    """A fitted pipeline; `label_names` are the names of its classes 0, 1, ..., if a LabelEncoder has them.

    `alone` is the model without the transformers that were put in front of it, None if there were none. `columns` are
    the names that a list in the file gives the columns of arrays. `target_names` are those that a MultiLabelBinarizer
    has for the targets. `notes` tell what was joined and what was not used.
    """

    pipeline: Any
    label_names: tuple[str, ...] = ()
    alone: Any = None
    columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    target_names: tuple[str, ...] = ()


@dataclass(slots=True)
class _Sorted:
    models: list[Any] = field(default_factory=list)
    transformers: list[Any] = field(default_factory=list)
    encoders: list[Any] = field(default_factory=list)
    binarizers: list[Any] = field(default_factory=list)
    others: list[tuple[str, Any]] = field(default_factory=list)


def assemble(parts: Sequence[tuple[str, Any]], source: str) -> Assembled:
    """The pipeline of named parts in their order; `source` names the files in messages.

    Raises ConversionError for parts that are no model, not fitted, or that could be joined in several ways.
    """
    found = _Sorted()
    notes: list[str] = []
    for name, part in parts:
        _sort(found, name, without_samplers(unwrapped(as_estimator(part)), notes))
    if len(found.models) != 1:
        raise ConversionError(_no_single_model(found, source))
    (model,) = found.models
    _refuse_other_predictor(model, source)
    transformers = [one for one in found.transformers if not _is_spare(one, model, notes)]
    for one in (model, *transformers):
        refuse_unfitted_steps(one, source)
    joined = _joined(transformers, model, source) if transformers else model
    if transformers:
        notes.append(f"read as one pipeline: {' -> '.join(type(one).__name__ for one in (*transformers, model))}")
    columns = _columns(found, joined)
    unused = [f"{name or 'a part'} ({type(part).__name__})" for name, part in found.others if tuple_of(part) != columns]
    if unused:
        notes.append(f"not used, though it is in {source}: {', '.join(unused)}")
    joined = with_named_classes(without_column_names(joined) if transformers else joined)
    return Assembled(
        joined,
        _label_names(found, source),
        alone=model if transformers else None,
        columns=columns,
        notes=(*notes,),
        target_names=tuple(map(str, found.binarizers[0].classes_)) if len(found.binarizers) == 1 else (),
    )


def without_samplers(estimator: Any, notes: list[str]) -> Any:
    """A Pipeline of imbalanced-learn as one of scikit-learn: samplers change training rows, and no prediction."""
    if not isinstance(estimator, Pipeline):
        return estimator
    steps = [(name, without_samplers(unwrapped(step), notes)) for name, step in estimator.steps]
    samplers = [(name, step) for name, step in steps if hasattr(step, "fit_resample")]
    is_changed = any(new is not old for (_, new), (_, old) in zip(steps, estimator.steps, strict=True))
    if type(estimator) is Pipeline and not samplers and not is_changed:
        return estimator
    if not type(estimator).__module__.startswith(("imblearn.", "sklearn.")):
        return estimator
    left_out = ", ".join(type(step).__name__ for _, step in samplers)
    if left_out:
        notes.append(f"{left_out} is left out: it changes no prediction; retraining runs without it")
    return Pipeline([pair for pair in steps if pair not in samplers])


def refuse_unfitted_steps(estimator: Any, source: str) -> None:
    """Raise ConversionError that names the step of scikit-learn that was never fitted."""
    steps = [step for _, step in estimator.steps] if isinstance(estimator, Pipeline) else [estimator]
    for step in steps:
        if isinstance(step, Pipeline):
            refuse_unfitted_steps(step, source)
        elif type(step).__module__.startswith("sklearn.") and not is_fitted(step):
            raise ConversionError(
                f"{source} holds a {type(step).__name__} that is not fitted: it has learned nothing yet; save the "
                f"pipeline after pipeline.fit(...), or {NEAREST}"
            )


def tuple_of(part: Any) -> tuple[str, ...]:
    """The names in a list, an index or an array of texts; empty for anything else."""
    names = part.tolist() if hasattr(part, "tolist") else part
    is_list = isinstance(names, list | tuple) and all(isinstance(name, str) for name in names)
    return tuple(names) if is_list else ()


def _sort(found: _Sorted, name: str, part: Any) -> None:
    if isinstance(part, LabelEncoder | LabelBinarizer):
        found.encoders.append(part)
    elif isinstance(part, MultiLabelBinarizer):
        found.binarizers.append(part)
    elif not isinstance(part, BaseEstimator) and library_of(part) is None:  # CatBoost has the methods, not the class
        found.others.append((name, part))
    elif is_classifier(part) or is_regressor(part) or hasattr(part, "predict"):
        found.models.append(part)
    elif hasattr(part, "transform"):
        found.transformers.append(part)
    else:
        found.others.append((name, part))


def _refuse_other_predictor(model: Any, source: str) -> None:
    """Raise ConversionError for KMeans, IsolationForest and others that predict no column of a table."""
    if is_classifier(model) or is_regressor(model):
        return
    last = model.steps[-1][1] if isinstance(model, Pipeline) else model
    raise ConversionError(
        f"{source} ends in {type(last).__name__}, which is neither a classifier nor a regressor: it groups or marks "
        "rows, and a model here predicts a column of the table; nearest is a classifier fitted on the groups as "
        "labels: add them to the table as a column, and despliegue new --target THAT_COLUMN"
    )


def _no_single_model(found: _Sorted, source: str) -> str:
    every = [*found.models, *found.transformers, *found.encoders, *(part for _, part in found.others)]
    kinds = ", ".join(type(part).__name__ for part in every) or "nothing"
    if len(found.models) > 1:
        return (
            f"{source} holds {len(found.models)} models, {kinds}: one model serves; save each in a file of its own and "
            "run despliegue new for each"
        )
    return (
        f"{source} holds {kinds}: it should hold a fitted pipeline, classifier or regressor of scikit-learn, alone or"
        f" with what is in front of it, also in several files (--pipeline dv.pkl --pipeline model.pkl); or {NEAREST}"
    )


def _is_spare(transformer: Any, model: Any, notes: list[str]) -> bool:
    """Return True for a copy of a step that the model has already: in front of it, it would be applied twice."""
    inside = [step for _, step in model.steps[:-1]] if isinstance(model, Pipeline) else []
    if not any(type(step) is type(transformer) and _content(step) == _content(transformer) for step in inside):
        return False
    notes.append(f"the {type(transformer).__name__} beside the pipeline is one of its steps, and is applied once")
    return True


def _content(estimator: Any) -> str:
    return str(joblib.hash(vars(estimator)))


def _joined(transformers: list[Any], model: Any, source: str) -> Any:
    """The transformers in the order that their widths allow, and the model."""
    orders = [list(order) for order in _orders(transformers) if _fits(order, model)]
    if not orders:
        raise ConversionError(
            f"{source} holds {_kinds(transformers)} and {type(model).__name__}, and no order of them fits: the columns "
            "that one gives are not those that the next takes; join them as they were used, "
            "joblib.dump(make_pipeline(...), FILE)"
        )
    if len(orders) > 1 and transformers not in orders:
        raise ConversionError(
            f"{source} holds {_kinds(transformers)}, in which order cannot be told: pass them as files in their "
            "order, --pipeline first.pkl --pipeline model.pkl"
        )
    order = transformers if transformers in orders else orders[0]
    names = ["vectorizer"] if len(order) == 1 else [f"{type(one).__name__.lower()}_{n}" for n, one in enumerate(order)]
    return Pipeline([*zip(names, order, strict=True), ("model", model)])


def _orders(transformers: list[Any]) -> Any:
    return permutations(transformers) if len(transformers) <= MOST_ORDERED else [transformers]


def _fits(order: Sequence[Any], model: Any) -> bool:
    """Return True if each step takes as many columns as the one before gives, where both are known."""
    steps = [*order, model]
    pairs = ((_width_out(before), columns_counted(first_step(after))) for before, after in pairwise(steps))
    return all(given is None or taken is None or given == taken for given, taken in pairs)


def _width_out(step: Any) -> int | None:
    try:
        return len(step.get_feature_names_out())
    except (AttributeError, ValueError, TypeError):
        return None


def _kinds(parts: Sequence[Any]) -> str:
    return ", ".join(type(part).__name__ for part in parts)


def _columns(found: _Sorted, joined: Any) -> tuple[str, ...]:
    """The one list of names in the file that is as long as the pipeline has columns without names."""
    first = first_step(joined)
    width = columns_counted(first)
    if columns_learned(first) is not None or not width:
        return ()
    lists = [names for _, part in found.others if len(names := tuple_of(part)) == width]
    return lists[0] if len(lists) == 1 else ()


def _label_names(found: _Sorted, source: str) -> tuple[str, ...]:
    if not found.encoders:
        return ()
    (model,) = found.models
    if len(found.encoders) > 1:
        raise ConversionError(
            f"{source} holds {len(found.encoders)} LabelEncoders: one names the classes, and those of features are no "
            "part of a pipeline; fit one pipeline with an OrdinalEncoder over the columns and save that, or "
            f"{NEAREST}"
        )
    names = np.asarray(getattr(found.encoders[0], "classes_", ())).tolist()
    classes = target_classes(model)[0] if is_classifier(model) and target_count(model) == 1 else []
    if classes != list(range(len(names))):
        raise ConversionError(
            f"{source} holds a {type(found.encoders[0]).__name__} of {', '.join(map(str, names))}, and the model "
            f"predicts {', '.join(map(str, classes)) or 'numbers'}: it does not name its classes; save the model "
            "without it"
        )
    return tuple(map(str, names))


def named_parts(loaded: Any, name: str) -> list[tuple[str, Any]]:
    """The objects of one file with their names: the values of a dictionary, the items of a tuple or list."""
    if isinstance(loaded, Mapping):
        return [(str(key), value) for key, value in loaded.items()]
    if isinstance(loaded, tuple | list):
        return [("", value) for value in loaded]
    return [(name, loaded)]
