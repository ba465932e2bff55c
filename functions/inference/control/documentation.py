"""The OpenAPI document with each model's own schema, and a page that shows it without another host."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import re
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi

from functions import SERVICE, VERSION
from functions.core.definition import Definition
from functions.core.errors import NotFoundError
from functions.core.json_schema import instance_schema
from functions.core.manifest import Manifest
from functions.core.schema import Feature
from functions.inference.addresses import outside_path
from functions.inference.control.context import Control
from functions.inference.control.gateway_document import behind_gateway
from functions.inference.control.kept_document import KeptDocument, Manifests
from functions.inference.control.operation_words import describe_operations
from functions.inference.control.token_document import with_tokens
from functions.inference.envelope import JSON
from functions.inference.known_answers import entity_tag, unless_known
from functions.inference.openapi import json_body
from functions.inference.protocols.despliegue.document import array_bodies
from functions.inference.protocols.listed import protocol_operations

ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "favicon.png": "image/png"}
HTML = "text/html"
CACHED_FOR_A_DAY = "public, max-age=86400"
INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def documentation_router(control: Control) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    kept = KeptDocument(control)

    @router.get("/openapi.json")
    def openapi(request: Request) -> Response:
        server = outside_path(request.scope, "") or "/"
        document = kept.current(lambda manifests: openapi_document(request.app, control, manifests, server=server))
        return unless_known(request, document.body, JSON, document.etag)

    @router.get("/docs")
    def docs(request: Request) -> Response:
        page = _page(outside_path(request.scope, ""))
        headers = {"Content-Security-Policy": content_security_policy(page), "X-Frame-Options": "DENY"}
        return unless_known(request, page, HTML, entity_tag(page), headers)

    @router.get("/docs/{asset}")
    def docs_asset(asset: str) -> Response:
        if asset not in ASSETS:
            raise NotFoundError("documentation file", asset, list(ASSETS))
        return Response(_asset(asset), media_type=ASSETS[asset], headers={"Cache-Control": CACHED_FOR_A_DAY})

    return router


@cache
def _page(base_path: str) -> bytes:
    # whole paths: relative ones would differ for /docs and /docs/, which is served too
    page = get_swagger_ui_html(
        openapi_url=f"{base_path}/openapi.json",
        title=f"{SERVICE} {VERSION}",
        swagger_js_url=f"{base_path}/docs/swagger-ui-bundle.js",
        swagger_css_url=f"{base_path}/docs/swagger-ui.css",
        swagger_favicon_url=f"{base_path}/docs/favicon.png",
        # the validator would send the document to another host
        swagger_ui_parameters={"validatorUrl": None, "tryItOutEnabled": True},
    )
    return bytes(page.body)


def content_security_policy(page: bytes) -> str:
    """The policy of the page: its own script, files and requests of this server, and no frame around it."""
    digests = (base64.b64encode(hashlib.sha256(script).digest()).decode() for script in INLINE_SCRIPT.findall(page))
    scripts = " ".join(f"'sha256-{digest}'" for digest in digests)
    # Swagger UI sets styles in its elements, and draws its icons from data URLs
    return (
        f"default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def openapi_document(app: FastAPI, control: Control, manifests: Manifests, *, server: str) -> dict[str, Any]:
    """OpenAPI 3.1 of the control routes, and of predict and retrain once for each model.

    `server` is what clients write before each path.

    The document is public, so nothing in it is learned from training rows.
    """
    document = get_openapi(title=app.title, version=app.version, routes=app.routes)
    paths = document["paths"]
    # every model has its own schema, so it is listed once for each model instead
    generic = paths.pop("/models/{model}/retrain")["post"]
    _name_models(paths, control.definitions)
    for definition in control.definitions.values():
        paths |= _model_paths(definition, manifests[definition.name], generic)
    describe_operations(paths)
    # without a server, clients that are generated have none to call; without tokens, no operation needs one
    document |= {"paths": dict(sorted(paths.items())), "servers": [{"url": server}], "security": []}
    if control.is_behind_gateway:
        return behind_gateway(document)
    return with_tokens(document) if control.checks_tokens else document


def _name_models(paths: dict[str, Any], definitions: Mapping[str, Definition]) -> None:
    """List the models as the values of every path parameter `model`; the first one with arguments is the example."""
    operations = (operation for item in paths.values() for operation in item.values())
    shown = next((one for one in definitions.values() if one.args), next(iter(definitions.values()), None))
    for parameter in (found for operation in operations for found in operation.get("parameters", ())):
        if parameter["name"] == "model":
            parameter["schema"] = {"type": "string", "enum": list(definitions)}
            parameter |= {"example": shown.name} if shown else {}
        elif parameter["name"] == "arg" and shown and shown.args:
            parameter["example"] = next(iter(shown.args))


def _model_paths(definition: Definition, manifest: Manifest | None, generic_retrain: dict[str, Any]) -> dict[str, Any]:
    name = definition.name
    operations = protocol_operations(definition, manifest)
    if definition.retrainable:
        labelled = instance_schema(definition.schema, labelled=True)
        table = {"type": "array", "items": labelled, "minItems": definition.limits.minimum_training_rows}
        retrain = {
            **_linked(generic_retrain, name),
            "tags": [name],
            "operationId": f"retrain_{name}",
            "parameters": [one for one in generic_retrain["parameters"] if one["name"] != "model"],
            "requestBody": json_body({"anyOf": array_bodies(table)}, [labelled_example(definition)]),
        }
        operations[f"/models/{name}/retrain"] = {"post": retrain}
    return operations


def labelled_example(definition: Definition) -> dict[str, Any]:
    """A row to train on: the first example of the folder, with a value for each target that its type permits."""
    return {**definition.examples[0], **{target.name: _value_of(target) for target in definition.schema.targets}}


def _value_of(target: Feature) -> Any:
    if target.choices:
        return target.choices[0]
    if target.is_string:
        return "a label"
    return target.minimum if target.minimum is not None else 1


def _linked(generic_retrain: dict[str, Any], model: str) -> dict[str, Any]:
    """A copy whose link leads to the job of `model`; the route of all models takes the name from its path."""
    operation: dict[str, Any] = deepcopy(generic_retrain)
    operation["responses"].pop("404")
    operation["responses"]["202"]["links"]["job"]["parameters"]["model"] = model
    return operation


@cache
def _asset(name: str) -> bytes:
    # the package is located, not imported: importing it would build an application
    spec = importlib.util.find_spec("fastapi_offline")
    if spec is None or spec.origin is None:
        raise NotFoundError("installed package", "fastapi-offline")
    return (Path(spec.origin).parent / "static" / name).read_bytes()
