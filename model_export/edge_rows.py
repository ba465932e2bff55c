"""Rows that real tables seldom hold: where a converted pipeline goes wrong first."""

from __future__ import annotations

from functions.core.schema import Feature, Schema, Table, Value
from functions.core.validation import bounds

UNSEEN_LEVELS = ("ñandú", "a level never seen", "日本", "é & ü")


def edge_rows(schema: Schema, table: Table) -> Table:
    """Rows made from the first of `table`, each different in one feature: missing, unseen, extreme.

    `table` has at least one row; only values that the schema allows are used.
    """
    names = schema.feature_names
    base = {name: table[name][0] for name in names}
    rows = [{**base, feature.name: value} for feature in schema.features for value in _edges(feature)]
    if any(feature.nullable for feature in schema.features):
        rows.append({feature.name: None if feature.nullable else base[feature.name] for feature in schema.features})
    return {name: [row[name] for row in rows] for name in names}


def _edges(feature: Feature) -> list[Value]:
    found: list[Value] = [None] if feature.nullable else []
    if feature.allowed:
        return [*found, *feature.allowed]
    if feature.is_string:
        return [*found, *UNSEEN_LEVELS]
    low, high = feature.observed or (0.0, 1.0)
    extremes = [low, high, low - 1, high + 1, 10 * high, (low + high) / 2]
    bounded = [_bounded(feature, value) for value in extremes]
    return [*found, *dict.fromkeys(bounded)]


def _bounded(feature: Feature, value: float) -> int | float:
    minimum, maximum = bounds(feature)
    value = min(max(value, minimum), maximum)
    return int(value) if feature.type == "integer" else value
