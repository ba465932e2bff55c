"""Additions to the OpenAPI document behind the API Gateway: its tokens, and the answers that are its own."""

from __future__ import annotations

from functions.core.routes import Scope, route_of
from functions.inference.openapi import Json, json_answer

SCHEME_NAME = "token"
SECURITY_SCHEME: Json = {
    "type": "http",
    "scheme": "bearer",
    "description": "made by `despliegue token create NAME --scope SCOPE`; each operation names the scope that it needs",
}
GATEWAY_ANSWER: Json = {
    "type": "object",
    "properties": {"message": {"type": "string"}},
    "required": ["message"],
}
"""The body of an answer that the gateway gives without asking a function."""
# one component, of which generated clients make one class
GATEWAY_COMPONENT = "GatewayAnswer"
GATEWAY_ANSWER_PLACE: Json = {"$ref": f"#/components/schemas/{GATEWAY_COMPONENT}"}
UNAUTHORIZED = (401, "no token: send Authorization: Bearer ...")
TOO_LARGE = (413, "more bytes than the gateway takes")
TOO_MANY = (429, "more requests than the gateway lets through; try again")


def behind_gateway(document: Json) -> Json:
    """The document of the same application where a gateway checks tokens, sizes and rates.

    Examples are left out: the document is public, and an example of a model may be a row of its training data.
    """
    paths = {
        path: {method: _operation(method, path, operation) for method, operation in item.items()}
        for path, item in document["paths"].items()
    }
    known = document["components"]
    components = {
        **known,
        "schemas": {**known["schemas"], GATEWAY_COMPONENT: GATEWAY_ANSWER},
        "securitySchemes": {SCHEME_NAME: SECURITY_SCHEME},
    }
    return {**document, "paths": paths, "components": components}


def _operation(method: str, path: str, operation: Json) -> Json:
    route = route_of(method.upper(), path)
    scope: Scope = route.scope if route else "public"
    changed = {**operation, "responses": _responses(operation, scope)}
    if scope != "public":
        # OpenAPI 3.1 has a place for the scopes of a bearer token here, though no words for them
        changed["security"] = [{SCHEME_NAME: [scope]}]
    if "requestBody" in operation:
        changed["requestBody"] = _without_examples(operation["requestBody"])
    return changed


def _responses(operation: Json, scope: Scope) -> Json:
    own = [TOO_MANY]
    if scope != "public":
        own += [UNAUTHORIZED, (403, f"the token is unknown or expired, or lacks the scope {scope}")]
    if "requestBody" in operation:
        own.append(TOO_LARGE)
    responses: Json = dict(operation["responses"])
    for status, description in own:
        responses[str(status)] = _either(responses.get(str(status)), json_answer(description, GATEWAY_ANSWER_PLACE))
    return dict(sorted(responses.items()))


def _either(ours: Json | None, gateways: Json) -> Json:
    """One declaration of a status that both the application and the gateway answer."""
    if ours is None:
        return gateways
    schemas = [one["content"]["application/json"]["schema"] for one in (ours, gateways)]
    return {**ours, **json_answer(f"{ours['description']}; or {gateways['description']}", {"anyOf": schemas})}


def _without_examples(body: Json) -> Json:
    content = {
        kind: {name: value for name, value in media.items() if name != "example"}
        for kind, media in body["content"].items()
    }
    return {**body, "content": content}
