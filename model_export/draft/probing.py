"""Values that a fitted pipeline takes beyond those of its table, found by asking it: null, and bounds."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from functions.core.schema import Feature, Schema, Table, Value, written
from model_export.pipelines.divisors import columns_divided_by
from model_export.pipelines.edge_rows import edge_rows
from model_export.pipelines.pipeline_input import pipeline_input
from model_export.training_files.faults import listed, readable_name

Row = Mapping[str, Value]


def probed(pipeline: Any, schema: Schema, table: Table, imputed: Iterable[str]) -> tuple[Schema, list[str]]:
    """The schema with null for the columns that the pipeline imputes, and with the bounds that its steps need.

    `imputed` are the columns that an imputer reads; what else reads them may fail all the same. The notes name both.
    """
    base = {name: table[name][0] for name in schema.feature_names}
    schema, notes = _with_null(pipeline, schema, base, frozenset(imputed))
    learned = schema.learn(table)
    divisors = columns_divided_by(pipeline)
    edges = edge_rows(learned, table, divisors)
    if _answers(pipeline, schema, edges):
        return schema, notes
    features = [_bounded(pipeline, schema, base, one, is_divisor=one.name in divisors) for one in learned.features]
    bounds = {
        feature.name: found for feature, found in zip(schema.features, features, strict=True) if found is not None
    }
    for name, found in bounds.items():
        named = ", ".join(f"{bound} {written(value)}" for bound, value in found.items())
        notes.append(f"{readable_name(name)} gets {named}: the pipeline fails on numbers beyond; model.toml has it")
    return _changed(schema, lambda one: _limited(one, bounds.get(one.name, {}))), notes


def _limited(feature: Feature, bounds: Mapping[str, float]) -> Feature:
    return replace(
        feature,
        minimum=bounds.get("minimum", feature.minimum),
        maximum=bounds.get("maximum", feature.maximum),
    )


def _with_null(pipeline: Any, schema: Schema, base: Row, imputed: frozenset[str]) -> tuple[Schema, list[str]]:
    wanted = [one.name for one in schema.features if one.name in imputed and not one.nullable]
    if not wanted:
        return schema, []
    taken = wanted
    if not _answers(pipeline, schema, _of({**base, **dict.fromkeys(wanted)})):
        taken = [name for name in wanted if _answers(pipeline, schema, _of({**base, name: None}))]
    if not taken:
        return schema, []
    note = f"null is taken, because the pipeline imputes it: {listed(map(readable_name, taken))}"
    return _changed(schema, lambda one: replace(one, nullable=True) if one.name in taken else one), [note]


def _changed(schema: Schema, change: Callable[[Feature], Feature]) -> Schema:
    return replace(schema, features=tuple(map(change, schema.features)))


def _bounded(
    pipeline: Any, schema: Schema, base: Row, feature: Feature, *, is_divisor: bool
) -> dict[str, float] | None:
    """The bounds that keep the feature where the pipeline answers; None if it answers everywhere, or nowhere."""
    if feature.observed is None or feature.choices or feature.is_datetime:
        return None
    low, high = map(feature.comparable, feature.observed)

    def is_answered(*values: float) -> bool:
        return all(_answers(pipeline, schema, _of({**base, feature.name: value})) for value in values)

    if not is_answered(low, high):
        return None
    found: dict[str, float] = {}
    zero = [0] if is_divisor else []
    if feature.minimum is None and not is_answered(low - 1, *(zero if low > 0 else [])):
        found["minimum"] = next((least for least in (0, 1) if low >= least and is_answered(least)), low)
    if feature.maximum is None and not is_answered(high + 1, 10 * abs(high), *(zero if high < 0 else [])):
        found["maximum"] = high
    whole = {name: int(value) if float(value).is_integer() else value for name, value in found.items()}
    return whole or None


def _of(row: Row) -> Table:
    return {name: [value] for name, value in row.items()}


def _answers(pipeline: Any, schema: Schema, table: Table) -> bool:
    """Return True if the pipeline itself has a finite prediction for every row."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            rows = pipeline_input(pipeline, table, schema)
            found = pipeline.predict_proba(rows) if hasattr(pipeline, "predict_proba") else pipeline.predict(rows)
        except Exception:  # whatever a step of the user raises
            return False
    # several targets have an array of probabilities each
    return all(map(_is_finite, found)) if isinstance(found, list) else _is_finite(found)


def _is_finite(found: Any) -> bool:
    found = np.asarray(found)
    return found.dtype.kind not in "fc" or bool(np.isfinite(found).all())
