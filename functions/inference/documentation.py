"""The OpenAPI document with each model's own schema, and a page that shows it without any other host."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi

from functions import SERVICE, VERSION
from functions.core.definition import Definition
from functions.core.errors import NotFoundError
from functions.core.json_schema import instance_schema, prediction_schema
from functions.inference.bodies import INSTANCES, instances_names
from functions.inference.catalogue_routes import production_manifest
from functions.inference.control import Control

ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "favicon.png": "image/png"}
DAY = "public, max-age=86400"


def documentation_router(control: Control) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/openapi.json")
    def openapi(request: Request) -> Response:
        return Response(orjson.dumps(openapi_document(request.app, control)), media_type="application/json")

    @router.get("/docs")
    def docs(request: Request) -> Response:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title=f"{SERVICE} {VERSION}",
            swagger_js_url="/docs/swagger-ui-bundle.js",
            swagger_css_url="/docs/swagger-ui.css",
            swagger_favicon_url="/docs/favicon.png",
            swagger_ui_parameters={"validatorUrl": None, "tryItOutEnabled": True},
        )

    @router.get("/docs/{asset}")
    def docs_asset(asset: str) -> Response:
        if asset not in ASSETS:
            raise NotFoundError("documentation file", asset, list(ASSETS))
        return Response(_asset(asset), media_type=ASSETS[asset], headers={"Cache-Control": DAY})

    return router


def openapi_document(app: FastAPI, control: Control) -> dict[str, Any]:
    """OpenAPI 3.1 of the control routes, and of predict and retrain once for each model."""
    document = get_openapi(title=app.title, version=app.version, routes=app.routes)
    paths = document["paths"]
    generic = paths.pop("/models/{model}/retrain")["post"]
    paths.pop("/models/{model}/predict", None)
    for definition in control.definitions.values():
        paths |= _model_paths(control, definition, generic)
    document["paths"] = dict(sorted(paths.items()))
    return document


def _model_paths(control: Control, definition: Definition, generic_retrain: dict[str, Any]) -> dict[str, Any]:
    name = definition.name
    manifest = production_manifest(control, definition)
    schema = manifest.schema if manifest else definition.schema
    example = dict(manifest.example if manifest else definition.examples[0])
    prediction = prediction_schema(schema, is_classification=definition.is_classification)
    predict = {
        "tags": [name],
        "summary": definition.description,
        "operationId": f"predict_{name}",
        "requestBody": _instances_body(instance_schema(schema), example, instances_names(definition.task)),
        "responses": {"200": _json_answer("one prediction for each instance, in order", _predict_answer(prediction))}
        | {"default": generic_retrain["responses"]["default"]},
    }
    found: dict[str, Any] = {f"/models/{name}/predict": {"post": predict}}
    if definition.retrainable:
        labelled = instance_schema(definition.schema, labelled=True)
        retrain = {
            **generic_retrain,
            "tags": [name],
            "operationId": f"retrain_{name}",
            "parameters": [one for one in generic_retrain["parameters"] if one["name"] != "model"],
            "requestBody": _instances_body(labelled, None),
        }
        found[f"/models/{name}/retrain"] = {"post": retrain}
    return found


def _instances_body(
    instance: dict[str, Any], example: dict[str, Any] | None, names: Sequence[str] = (INSTANCES,)
) -> dict[str, Any]:
    several = {"type": "array", "items": instance, "minItems": 1}
    wrapped = [
        {"type": "object", "properties": {name: several}, "required": [name], "additionalProperties": False}
        for name in names
    ]
    content: dict[str, Any] = {"schema": {"anyOf": [instance, several, *wrapped]}}
    if example is not None:
        content["example"] = example
    return {"required": True, "content": {"application/json": content}}


def _predict_answer(prediction: dict[str, Any]) -> dict[str, Any]:
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


def _json_answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


@cache
def _asset(name: str) -> bytes:
    # the package is found, not imported: its module builds an application
    spec = importlib.util.find_spec("fastapi_offline")
    if spec is None or spec.origin is None:
        raise NotFoundError("installed package", "fastapi-offline")
    return (Path(spec.origin).parent / "static" / name).read_bytes()
