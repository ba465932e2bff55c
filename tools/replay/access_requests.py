"""Requests of the gateway to the authorizer, and of CloudFormation to the importer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tools.replay.events import authorizer_event
from tools.replay.requests import AUTHORIZER, IMPORTER, Request
from tools.replay.samples import Model

TOKENS = ("reader", "teacher", "keeper", "everybody", "past")
CONTROL_ROUTES = (
    "POST /models/{model}/retrain",
    "POST /models/{model}/uploads",
    "GET /models/{model}/jobs",
    "GET /models/{model}/jobs/{job}",
    "POST /models/{model}/batches",
    "DELETE /models/{model}/batches/{batch}",
    "GET /models/{model}/predictions/{id}",
    "PUT /models/{model}/predictions",
    "GET /models/{model}/versions",
    "GET /models/{model}/versions/{version}",
    "GET /models/{model}/production",
    "PUT /models/{model}/production",
    "GET /models/{model}/history",
    "GET /models/{model}/performance",
    "GET /models/{model}/args",
    "GET /models/{model}/args/{arg}",
)
UNKNOWN_ROUTES = (
    "GET /",
    "GET /models",
    "$default",
    "DELETE /models/{model}",
    "POST /models/nothing/predict",
    "POST /models/churn",
)
HEADERS = (
    "Bearer",
    "Bearer ",
    "Bearer nothing",
    "Basic ${tokens.everybody}",
    "${tokens.everybody}",
    "bearer ${tokens.everybody}",
    "Bearer  ${tokens.everybody}",
    "Bearer ${tokens.everybody} ",
    "Bearer ${tokens.everybody}ñ",
    "Bearer dsp_",
)


def access_requests(models: Mapping[str, Model]) -> Iterator[Request]:
    routes = [*(route for model in models.values() for route in _predict_routes(model)), *CONTROL_ROUTES]
    for route in routes:
        for token in TOKENS if route in CONTROL_ROUTES[::3] or "churn" in route else TOKENS[:2]:
            yield _asked(f"{route} by {token}", route, f"Bearer ${{tokens.{token}}}")
        yield _asked(f"{route} with a slash", f"{route}/{{proxy+}}", "Bearer ${tokens.everybody}")
    for route in UNKNOWN_ROUTES:
        yield _asked(f"{route}, unknown", route, "Bearer ${tokens.everybody}")
    for number, header in enumerate((None, *HEADERS)):
        yield _asked(f"header {number}", "GET /models/{model}/jobs", header)
    for number, kind in enumerate(("Delete", "Create", "Update")):
        yield Request(f"importer: {kind}", "importer event", IMPORTER, event=_resource_event(kind, number))


def _predict_routes(model: Model) -> list[str]:
    routes = [f"POST /models/{model.name}/predict", f"POST /models/{model.name}"]
    return routes if model.hub_id is None else [*routes, f"POST /models/{model.hub_id}"]


def _asked(name: str, route: str, header: str | None) -> Request:
    return Request(f"authorizer: {name}", "authorizer event", AUTHORIZER, event=authorizer_event(route, header))


def _resource_event(kind: str, number: int) -> dict[str, object]:
    service = "arn:aws:lambda:eu-west-1:123456789012:function:despliegue-importer"
    return {
        "RequestType": kind,
        "ServiceToken": service,
        "ResponseURL": "${callback}/answer",
        "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/despliegue-prod/6ccb3b00",
        "RequestId": f"1fd0cf2f-7c5b-4e9b-9d3c-6b1d9e2a7f1{number}",
        "LogicalResourceId": "ImportingVersions0123ABCD",
        "ResourceType": "Custom::BakedVersions",
        "ResourceProperties": {"ServiceToken": service, "BakedDigest": "7a47c3218a2dcc3f96cdc601ea8b18c9"},
    }
