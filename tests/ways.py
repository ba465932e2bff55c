"""The same requests by three ways: into the application, as API Gateway's events into the handlers, over a network.

Each way is an httpx client, so that a test says what it asks and never how.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

from functions.core.definition import Definition
from functions.core.routes import SLASH, gateway_routes
from tests.lambda_context import Context
from tests.route_keys import route_key_of

EVENT: dict[str, Any] = json.loads((Path(__file__).parent / "events" / "http_api_post.json").read_bytes())
HOST = str(EVENT["headers"]["host"])
EVENTS_URL = f"https://{HOST}"
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


class Gateway(httpx.BaseTransport):
    """Sends each request to the handler that the stack's routes name, as an event of payload version 2.0."""

    def __init__(self, definitions: Mapping[str, Definition], control: Handler, predict: Mapping[str, Handler]) -> None:
        self._control = control
        self._predict: dict[tuple[str, str], Handler] = {}
        for route in gateway_routes(definitions.values()):
            if route.model is not None and route.model in predict:
                self._predict[route.method, route.path.removesuffix(SLASH)] = predict[route.model]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        handler = self._predict.get((request.method, request.url.path), self._control)
        answer = handler(event_of(request), Context())
        body = str(answer.get("body") or "")
        content = base64.b64decode(body) if answer["isBase64Encoded"] else body.encode()
        return httpx.Response(answer["statusCode"], headers=answer["headers"], content=content)


def event_of(request: httpx.Request) -> dict[str, Any]:
    """The event of a request; the gateway sends a body as text, and one that is none in base64."""
    content = request.read()
    path = request.url.path
    headers = {**EVENT["headers"], **{name.lower(): value for name, value in request.headers.items()}, "host": HOST}
    if not content:
        headers = {name: value for name, value in headers.items() if name not in ("content-type", "content-length")}
    context = {**EVENT["requestContext"], "requestId": uuid.uuid4().hex, "routeKey": route_key_of(request.method, path)}
    event = {
        **EVENT,
        "routeKey": context["routeKey"],
        "rawPath": path,
        "rawQueryString": request.url.query.decode(),
        "headers": headers,
        "requestContext": {**context, "http": {**context["http"], "method": request.method, "path": path}},
        "pathParameters": {},
    }
    del event["body"]
    if not content:
        return event
    try:
        return {**event, "body": content.decode(), "isBase64Encoded": False}
    except UnicodeDecodeError:
        return {**event, "body": base64.b64encode(content).decode(), "isBase64Encoded": True}
