"""The operation POST /models/{model}/predict of one model in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Sequence

from functions.core.definition import Definition
from functions.core.json_schema import instance_schema, prediction_schema
from functions.core.manifest import Manifest, scoring_of
from functions.core.routes import protocol_paths
from functions.core.tasks import INSTANCES
from functions.inference.openapi import READ, Json, json_answer, json_body, refused_answers

REFUSAL = {"$ref": "#/components/schemas/Refusal"}


def operations(definition: Definition, manifest: Manifest | None) -> dict[str, Json]:
    """The operation under its path, with the schema of the version in production if there is one."""
    source = manifest or definition
    rows = {
        "type": "array",
        "items": instance_schema(source.schema),
        "minItems": 1,
        "maxItems": source.limits.max_instances,
    }
    bodies = [instance_schema(source.schema), *array_bodies(rows, definition.traits.body_names)]
    answer = _answer(prediction_schema(source.schema, definition.task, scoring_of(manifest)))
    operation = {
        "tags": [definition.name],
        "summary": definition.description,
        "description": f"{definition.description}\n\nOne prediction for each instance, in the same order. `warnings` "
        "has a list for each instance: values outside the training rows, and missing ones. A GET of "
        f"`/models/{definition.name}/schema` shows which levels and ranges these rows had.",
        "operationId": f"predict_{definition.name}",
        "requestBody": json_body({"anyOf": bodies}, dict(manifest.example if manifest else definition.examples[0])),
        "responses": {"200": json_answer("one prediction for each instance, in order", answer)}
        | refused_answers(READ, REFUSAL),
    }
    return {path: {"post": operation} for path in protocol_paths("despliegue", [definition])}


def array_bodies(rows: Json, names: Sequence[str] = (INSTANCES,)) -> list[Json]:
    """Schemas of an array of instances: alone, and under each of the names that it may have."""
    wrapped = [
        {"type": "object", "properties": {name: rows}, "required": [name], "additionalProperties": False}
        for name in names
    ]
    return [rows, *wrapped]


def _answer(prediction: Json) -> Json:
    fault = {"$ref": "#/components/schemas/FaultEntry"}
    data = {
        "type": "object",
        "properties": {
            "model": {"type": "string"},
            "version": {"type": "integer"},
            "predictions": {"type": "array", "items": prediction},
            "warnings": {"type": "array", "items": {"type": "array", "items": fault}},
            "ids": {"type": "array", "items": {"type": ["string", "integer", "null"]}},
        },
        "required": ["model", "version", "predictions", "warnings"],
        "additionalProperties": False,
    }
    texts = {name: {"type": "string"} for name in ("message", "method", "timestamp", "url")}
    return {
        "type": "object",
        "properties": {**texts, "status-code": {"type": "integer"}, "data": data},
        "required": [*texts, "status-code", "data"],
        "additionalProperties": False,
    }
