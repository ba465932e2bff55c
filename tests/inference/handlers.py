"""Both handlers of the inference image as Lambda starts them, and whole events of an HTTP API."""

from __future__ import annotations

import base64
import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functions.core.manifest import Manifest
from tests.lambda_context import Context
from tests.route_keys import route_key_of

EVENTS = Path(__file__).resolve().parents[1] / "events"
GET: dict[str, Any] = json.loads((EVENTS / "http_api_get.json").read_bytes())
POST: dict[str, Any] = json.loads((EVENTS / "http_api_post.json").read_bytes())
POST_BASE64: dict[str, Any] = json.loads((EVENTS / "http_api_post_base64.json").read_bytes())
CUSTOMER: dict[str, Any] = json.loads(POST["body"])
FOREIGN = [
    "sklearn",
    "pandas",
    "scipy",
    "joblib",
    "onnx",
    "skl2onnx",
    "torch",
    "transformers",
    "filelock",
    "uvicorn",
    "boto3",
    "botocore.exceptions",
]
"""Modules that no function of the inference image may load."""
Publish = Callable[..., Manifest]


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    status: int
    headers: dict[str, str]
    document: Any


@dataclass(frozen=True, slots=True)
class Function:
    """A started function."""

    handler: Callable[[dict[str, Any], Context], dict[str, Any]]

    def __call__(self, event: dict[str, Any]) -> HttpAnswer:
        raw = self.handler(event, Context())
        # only compressed answers are bytes, and the gateway sends these as they are
        assert raw["isBase64Encoded"] is ("content-encoding" in raw["headers"])
        body = gzip.decompress(base64.b64decode(raw["body"])) if raw["isBase64Encoded"] else raw["body"]
        return HttpAnswer(raw["statusCode"], raw["headers"], json.loads(body))


Start = Callable[[str], Function]
MetricLines = Callable[[], list[dict[str, Any]]]


def facts_of(line: dict[str, Any]) -> dict[str, Any]:
    """The metrics of a line but for its latency, which must be more than 0."""
    assert line["Latency"][0] > 0
    assert line["service"] == "service-under-test"
    return {name: value for name, value in line.items() if name not in ("Latency", "service")}


def modules_after(statement: str) -> set[str]:
    """Modules that a new process has loaded after `statement`."""
    code = f"{statement}; import sys; print(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(done.stdout.splitlines()[-1].split())


def get(path: str) -> dict[str, Any]:
    return at(GET, "GET", path)


def post(path: str, body: object) -> dict[str, Any]:
    return with_body("POST", path, body)


def with_body(method: str, path: str, body: object) -> dict[str, Any]:
    event = at(POST, method, path)
    event["body"] = json.dumps(body)
    event["headers"]["content-length"] = str(len(event["body"]))
    return event


def at(template: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    event = deepcopy(template)
    event["rawPath"] = event["requestContext"]["http"]["path"] = path
    event["requestContext"]["http"]["method"] = method
    event["routeKey"] = event["requestContext"]["routeKey"] = route_key_of(method, path)
    return event
