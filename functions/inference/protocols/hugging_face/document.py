"""Operations of the Hugging Face protocol in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from functions.core.definition import Definition, Limits
from functions.core.json_schema import ANSWER, instance_schema
from functions.core.manifest import Manifest, scoring_of
from functions.core.routes import protocol_paths
from functions.core.schema import Schema
from functions.core.tasks import Task
from functions.inference.openapi import READ, Json, json_answer, json_body, refused_answers
from functions.inference.protocols.hugging_face.parameters import PARAMETERS_BY_TASK
from functions.predictors.parameters import parameters_schema

ERROR: Json = {
    "type": "object",
    "properties": {"error": {"type": "string"}, "estimated_time": {"type": "number", "description": "seconds"}},
    "required": ["error"],
    "additionalProperties": False,
}
HEADERS: Json = {
    "X-Model-Version": {"required": True, "schema": {"type": "string"}},
    "X-Compute-Type": {"required": True, "schema": {"enum": ["cpu", "cache"]}},
}
FLAG: Json = {"type": ["boolean", "null"]}
OPTIONS_SCHEMA = {"type": "object", "properties": {"wait_for_model": FLAG, "use_cache": FLAG, "use_gpu": {}}}
LABELS: Json = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"label": {"type": "string"}, "score": {"type": "number", "minimum": 0, "maximum": 1}},
        "required": ["label", "score"],
        "additionalProperties": False,
    },
}


@dataclass(frozen=True, slots=True)
class TaskSchemas:
    """JSON Schemas of a task: one input, and the whole answer."""

    instance: Json
    answer: Json


def operations(definition: Definition, manifest: Manifest | None) -> dict[str, Json]:
    """Operations by path, with the schema of the version in production if there is one.

    There are none for a version that has no scores or several targets.
    """
    source = manifest or definition
    if scoring_of(manifest) != "probabilities" or source.schema.has_several_targets:
        return {}
    paths = protocol_paths("hugging-face", [definition])
    return {path: {"post": _operation(definition, source.schema, source.limits, path)} for path in paths}


def _operation(definition: Definition, schema: Schema, limits: Limits, path: str) -> Json:
    schemas = SCHEMAS_BY_TASK[definition.task](schema)
    body_inputs = _one_or_several(schemas.instance, limits.max_instances)
    body = {
        "type": "object",
        "properties": {
            "inputs": body_inputs,
            "parameters": _object(parameters_schema(PARAMETERS_BY_TASK[definition.task])),
            "options": _nullable(OPTIONS_SCHEMA),
        },
        "required": ["inputs"],
        "additionalProperties": False,
    }
    return {
        "tags": [definition.name],
        "summary": "as the Hugging Face Inference API answers",
        "description": "As the Hugging Face Inference API answers: for clients of that API, without an envelope.\n\n"
        "`parameters` may have what the client's task has, such as `top_k` for several answers or labels.",
        "operationId": "_".join(["hugging_face", *path.split("/")[2:]]),
        "requestBody": json_body(body, {"inputs": _input_of(definition)}),
        "responses": {
            "200": {**json_answer("bare answers", schemas.answer), "headers": HEADERS},
            **refused_answers(READ, ERROR),
        },
    }


def _input_of(definition: Definition) -> Any:
    """The first example as an input of this protocol: a text stands alone."""
    example = definition.examples[0]
    return next(iter(example.values())) if definition.traits.reads == "text" else dict(example)


def _question_answering(schema: Schema) -> TaskSchemas:
    return TaskSchemas(instance_schema(schema), _one_or_several(_one_or_several(ANSWER)))


def _text_classification(schema: Schema) -> TaskSchemas:
    return TaskSchemas({"type": "string", "minLength": 1}, {"type": "array", "items": LABELS})


SCHEMAS_BY_TASK: Mapping[Task, Callable[[Schema], TaskSchemas]] = {
    "question-answering": _question_answering,
    "text-classification": _text_classification,
}


def _one_or_several(one: Json, most: int | None = None) -> Json:
    several = {"type": "array", "items": one, "minItems": 1} | ({} if most is None else {"maxItems": most})
    return {"anyOf": [one, several]}


def _object(properties: Mapping[str, Json]) -> Json:
    return _nullable({"type": "object", "properties": dict(properties)})


def _nullable(schema: Json) -> Json:
    # null is the same as absent, in options and parameters
    return {**schema, "type": [schema["type"], "null"], "additionalProperties": False}
