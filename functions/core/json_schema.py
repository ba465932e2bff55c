"""A model's schema as JSON Schema (draft 2020-12), for the catalogue and the OpenAPI document."""

from __future__ import annotations

from typing import Any

from functions.core.schema import Feature, Schema


def instance_schema(schema: Schema, *, labelled: bool = False) -> dict[str, Any]:
    """The JSON Schema of one instance; a `labelled` one carries the target, as retraining takes it."""
    features = [*schema.features, *([schema.target] if labelled else [])]
    properties = {feature.name: _property(feature) for feature in features}
    if schema.id:
        properties[schema.id] = {"type": ["string", "integer", "null"], "description": "echoed, not used"}
    return {
        "type": "object",
        "properties": properties,
        "required": [feature.name for feature in features if not feature.nullable],
        "additionalProperties": False,
    }


def prediction_schema(schema: Schema, *, is_classification: bool) -> dict[str, Any]:
    """The JSON Schema of one prediction: a number, or a label with its score and every label's."""
    if not is_classification:
        return {"type": "number"}
    labels = [str(label) for label in schema.target.allowed or schema.target.levels]
    return {
        "type": "object",
        "properties": {
            "label": {"type": "string", **({"enum": labels} if labels else {})},
            "score": {"type": "number", "minimum": 0, "maximum": 1},
            "scores": {"type": "object", "additionalProperties": {"type": "number"}},
        },
        "required": ["label", "score", "scores"],
        "additionalProperties": False,
    }


def _property(feature: Feature) -> dict[str, Any]:
    kind: Any = [feature.type, "null"] if feature.nullable else feature.type
    described: dict[str, Any] = {"type": kind}
    if feature.description:
        described["description"] = feature.description
    if feature.allowed:
        described["enum"] = [*feature.allowed, *([None] if feature.nullable else [])]
    elif feature.is_string:
        described["minLength"] = 1
    if feature.minimum is not None:
        described["minimum"] = feature.minimum
    if feature.maximum is not None:
        described["maximum"] = feature.maximum
    if feature.levels:
        described["x-levels"] = list(feature.levels)
    if feature.observed is not None:
        described["x-training-range"] = list(feature.observed)
    return described
