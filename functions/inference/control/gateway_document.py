"""Additions to the OpenAPI document behind the API Gateway: its tokens, and the answers that are its own."""

from __future__ import annotations

from functions.inference.control.token_document import with_tokens
from functions.inference.openapi import Json, json_answer

GATEWAY_ANSWER: Json = {
    "type": "object",
    "properties": {"message": {"type": "string"}},
    "required": ["message"],
}
"""The body of an answer that the gateway gives without asking a function."""
# one component, of which generated clients make one class
GATEWAY_COMPONENT = "GatewayAnswer"
GATEWAY_ANSWER_PLACE: Json = {"$ref": f"#/components/schemas/{GATEWAY_COMPONENT}"}
TOO_LARGE = (413, "more bytes than the gateway takes")
TOO_MANY = (429, "more requests than the gateway lets through; try again")


def behind_gateway(document: Json) -> Json:
    """The document of the same application where a gateway checks tokens, sizes and rates."""
    secured = with_tokens(document, GATEWAY_ANSWER_PLACE)
    paths = {
        path: {method: {**operation, "responses": _responses(operation)} for method, operation in item.items()}
        for path, item in secured["paths"].items()
    }
    known = secured["components"]
    schemas = {**known["schemas"], GATEWAY_COMPONENT: GATEWAY_ANSWER}
    return {**secured, "paths": paths, "components": {**known, "schemas": schemas}}


def _responses(operation: Json) -> Json:
    own = [TOO_MANY]
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
