"""The Hugging Face protocol of a model in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from functions.core.definition import Definition, Limits, Task
from functions.core.json_schema import ANSWER, instance_schema
from functions.core.routes import hugging_face_paths
from functions.core.schema import Schema
from functions.inference.control.openapi import READ, REFUSED, RETRY_AFTER
from functions.predictors.question_answering.parameters import MOST_ANSWERS

Json = dict[str, Any]
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
OPTIONS = {"type": "object", "properties": {"wait_for_model": FLAG, "use_cache": FLAG, "use_gpu": {}}}
LABELS: Json = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"label": {"type": "string"}, "score": {"type": "number", "minimum": 0, "maximum": 1}},
        "required": ["label", "score"],
        "additionalProperties": False,
    },
}


def hugging_face_operations(definition: Definition, schema: Schema, limits: Limits) -> dict[str, Json]:
    """The operations by path: none for a task that Hugging Face answers otherwise."""
    paths = hugging_face_paths([definition])
    return {path: {"post": _operation(definition, schema, limits, path)} for path in paths}


def _operation(definition: Definition, schema: Schema, limits: Limits, path: str) -> Json:
    inputs, parameters, answer = _shapes(definition.task, schema, limits)
    body = {
        "type": "object",
        "properties": {"inputs": inputs, "parameters": _object(parameters), "options": _nullable(OPTIONS)},
        "required": ["inputs"],
        "additionalProperties": False,
    }
    refused = {str(status): _answer(REFUSED[status], ERROR) for status in READ}
    refused["503"]["headers"] = RETRY_AFTER
    return {
        "tags": [definition.name],
        "summary": "as the Hugging Face Inference API answers",
        "operationId": "_".join(["hugging_face", *path.split("/")[2:]]),
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"200": {**_answer("bare answers", answer), "headers": HEADERS}, **refused},
    }


def _shapes(task: Task, schema: Schema, limits: Limits) -> tuple[Json, Mapping[str, Json], Json]:
    """What `inputs` and `parameters` are, and what is answered."""
    if task == "question-answering":
        one, parameters, answer = instance_schema(schema), _answering_parameters(), _one_or_several(ANSWER)
        return _one_or_several(one, limits.max_instances), parameters, _one_or_several(answer)
    one = {"type": "string", "minLength": 1}
    parameters = {"top_k": _count(), "function_to_apply": {"type": "null"}}
    return _one_or_several(one, limits.max_instances), parameters, {"type": "array", "items": LABELS}


def _answering_parameters() -> Mapping[str, Json]:
    return {
        "top_k": _count() | {"maximum": MOST_ANSWERS},
        "doc_stride": _count(0),
        **{name: _count() for name in ("max_answer_len", "max_seq_len", "max_question_len")},
        **{name: FLAG for name in ("handle_impossible_answer", "align_to_words")},
    }


def _one_or_several(one: Json, most: int | None = None) -> Json:
    several = {"type": "array", "items": one, "minItems": 1} | ({} if most is None else {"maxItems": most})
    return {"anyOf": [one, several]}


def _count(least: int = 1) -> Json:
    return {"type": ["integer", "null"], "minimum": least}


def _object(properties: Mapping[str, Json]) -> Json:
    return _nullable({"type": "object", "properties": dict(properties)})


def _nullable(schema: Json) -> Json:
    return {**schema, "type": [schema["type"], "null"], "additionalProperties": False}


def _answer(description: str, schema: Json) -> Json:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
