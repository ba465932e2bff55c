"""Additions to the OpenAPI document where tokens are checked: the scheme, the scope of each operation, 401 and 403."""

from __future__ import annotations

from functions.core.routes import Scope, route_of
from functions.inference.openapi import Json, json_answer

SCHEME_NAME = "token"
SECURITY_SCHEME: Json = {
    "type": "http",
    "scheme": "bearer",
    "description": (
        "made by `despliegue token create NAME --scope SCOPE`; each operation names the scope that it needs. With "
        "`--model MODEL` it opens the operations of that model alone."
    ),
}
REFUSAL_PLACE: Json = {"$ref": "#/components/schemas/Refusal"}
UNAUTHORIZED = "no token: send Authorization: Bearer ..."


def with_tokens(document: Json, answer_schema: Json = REFUSAL_PLACE) -> Json:
    """The document of the same application where tokens are checked; 401 and 403 have bodies of `answer_schema`.

    Examples are left out: the document is public, and an example of a model may be a row of its training data.
    """
    paths = {
        path: {method: _operation(method, path, operation, answer_schema) for method, operation in item.items()}
        for path, item in document["paths"].items()
    }
    components = {**document["components"], "securitySchemes": {SCHEME_NAME: SECURITY_SCHEME}}
    return {**document, "paths": paths, "components": components}


def _operation(method: str, path: str, operation: Json, answer_schema: Json) -> Json:
    route = route_of(method.upper(), path)
    scope: Scope = route.scope if route else "public"
    changed = dict(operation)
    if "requestBody" in operation:
        changed["requestBody"] = _without_examples(operation["requestBody"])
    if scope == "public":
        return changed
    # OpenAPI 3.1 has a place for the scopes of a bearer token here, though no words for them
    changed["security"] = [{SCHEME_NAME: [scope]}]
    refused = f"the token is unknown or expired, lacks the scope {scope}, or is for other models"
    own = {"401": json_answer(UNAUTHORIZED, answer_schema), "403": json_answer(refused, answer_schema)}
    return {**changed, "responses": dict(sorted({**operation["responses"], **own}.items()))}


def _without_examples(body: Json) -> Json:
    content = {
        kind: {name: value for name, value in media.items() if name != "example"}
        for kind, media in body["content"].items()
    }
    return {**body, "content": content}
