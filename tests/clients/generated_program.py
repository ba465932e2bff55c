"""A program over the client that openapi-python-client generates; prints what it sent and was answered as JSON."""

from __future__ import annotations

import inspect
import json
import sys

from despliegue_client import AuthenticatedClient, Client
from despliegue_client.api.catalogue import models_models_get
from despliegue_client.api.churn import predict_churn
from despliegue_client.api.versions import promote_models_model_production_put, versions_models_model_versions_get
from despliegue_client.models.predict_churn_body_type_0 import PredictChurnBodyType0

sent: list[str | None] = []
hooks = {"event_hooks": {"request": [lambda request: sent.append(request.headers.get("Authorization"))]}}


def main(url: str, token: str, example: str) -> None:
    public = Client(base_url=url, httpx_args=hooks)
    known = AuthenticatedClient(base_url=url, token=token, httpx_args=hooks)
    models = models_models_get.sync(client=public)
    predicted = predict_churn.sync(client=known, body=PredictChurnBodyType0.from_dict(json.loads(example)))
    refused = predict_churn.sync_detailed(client=known, body=[])
    versions = versions_models_model_versions_get.sync("churn", client=known)
    protected = (predict_churn, versions_models_model_versions_get, promote_models_model_production_put)
    found = {
        "models": [one.name for one in models.data.models],
        "predictions": len(predicted.data.predictions),
        "version": versions.data.versions[0].version,
        "refused": refused.status_code,
        "sent": sent,
        "open": str(inspect.signature(models_models_get.sync).parameters["client"].annotation),
        "protected": [str(inspect.signature(one.sync).parameters["client"].annotation) for one in protected],
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
