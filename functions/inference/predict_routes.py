"""POST /models/{model}/predict."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from functions.core.errors import InvalidInputError
from functions.inference.bodies import Instances, parse_instances, read_json_bytes
from functions.inference.envelope import answer
from functions.inference.services import Inference
from functions.predictors.loaded import Predictions
from functions.predictors.served import ServedModel

INLINE_INSTANCES = 256


def predict_router(inference: Inference) -> APIRouter:
    router = APIRouter()

    @router.post("/models/{model}/predict")
    async def predict(request: Request) -> Response:
        model: str = request.path_params["model"]
        served = inference.served(model)
        body = await read_json_bytes(request, inference.definitions[model].limits.max_payload_bytes)
        instances = parse_instances(body)
        # a thread costs more than a small batch, a large batch would hold up everybody else
        if len(instances.rows) <= INLINE_INSTANCES:
            found = _predict(served, instances)
        else:
            found = await run_in_threadpool(_predict, served, instances)
        return answer(request, _data(model, found))

    return router


def _predict(served: ServedModel, instances: Instances) -> Predictions:
    try:
        return served.current().predict(instances.rows)
    except InvalidInputError as error:
        raise error.relocated(instances.place) from None


def _data(model: str, found: Predictions) -> dict[str, object]:
    data: dict[str, object] = {
        "model": model,
        "version": found.version,
        "predictions": found.predictions,
        "warnings": found.warnings,
    }
    if found.ids is not None:
        data["ids"] = found.ids
    return data
