"""HTTP requests as API Gateway hands them to a function: HTTP API events of payload version 2.0."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

HOST = "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"
TOKEN_NAME = "ana"  # noqa: S105  # a token's name, as the authorizer passes it on
SOURCE = "203.0.113.7"
ENTRIES = {"jobs": "{job}", "versions": "{version}", "args": "{arg}"}
"""The variable below each list of a model."""


def http_event(method: str, target: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """The event of a request that the authorizer let pass."""
    path, _, query = target.partition("?")
    lower = {name.lower(): value for name, value in headers.items()}
    context = request_context(method, path, route_key(method, path))
    event = {
        "version": "2.0",
        "routeKey": context["routeKey"],
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": HOST, "x-forwarded-proto": "https", "x-forwarded-port": "443", **lower},
        "requestContext": context | {"authorizer": {"lambda": {"token": TOKEN_NAME}}},
        "pathParameters": {"model": path.split("/")[2]} if path.count("/") > 1 else {},
    }
    return event | _body(body)


def authorizer_event(route_key: str, authorization: str | None) -> dict[str, Any]:
    """The gateway's event to the authorizer for a request to that route."""
    method, _, path = route_key.partition(" ")
    headers = {} if authorization is None else {"authorization": authorization}
    return {
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": f"arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/$default/{method}{path}",
        "identitySource": list(headers.values()),
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": HOST, **headers},
        "requestContext": request_context(method, path, route_key),
    }


def route_key(method: str, path: str) -> str:
    """The key of the route that the gateway finds for a path; a model's own function has its name spelled out."""
    parts = path.strip("/").split("/")
    if parts[0] == "docs" and len(parts) == 2:
        parts[1] = "{asset}"
    if parts[0] == "models" and len(parts) > 1 and not _is_of_one_model(method, parts):
        parts[1] = "{model}"
        if len(parts) == 4 and parts[2] in ENTRIES:
            parts[3] = ENTRIES[parts[2]]
    greedy = "/{proxy+}" if path.endswith("/") and path != "/" else ""
    return f"{method} /{'/'.join(parts)}{greedy}"


def _is_of_one_model(method: str, parts: list[str]) -> bool:
    """Return True if a model's own function answers: predict, or the Hugging Face protocol at its name or hub id."""
    return method == "POST" and (len(parts) == 2 or (len(parts) == 3 and parts[2] not in ("retrain", "uploads")))


def request_context(method: str, path: str, key: str) -> dict[str, Any]:
    return {
        "accountId": "123456789012",
        "apiId": "a1b2c3d4e5",
        "domainName": HOST,
        "domainPrefix": "a1b2c3d4e5",
        "http": {
            "method": method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": SOURCE,
            "userAgent": "replay",
        },
        "requestId": "FQ3rYhO2joEEPjw=",
        "routeKey": key,
        "stage": "$default",
        "time": "31/Jan/2026:10:05:21 +0000",
        "timeEpoch": 1769853921437,
    }


def _body(body: bytes) -> dict[str, Any]:
    try:
        return {"isBase64Encoded": False, "body": body.decode()} if body else {"isBase64Encoded": False}
    except UnicodeDecodeError:
        return {"isBase64Encoded": True, "body": base64.b64encode(body).decode()}
