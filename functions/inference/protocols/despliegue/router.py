"""POST /models/{model}/predict."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from functions.core.definition import Task
from functions.core.errors import InvalidInputError
from functions.inference.envelope import answer
from functions.inference.json_body import Instances, instances_names, parse_instances, read_json_bytes
from functions.inference.request_report import current_report
from functions.serving.models import Inference
from functions.serving.production import ServedModel
from functions.serving.version import Predictions

INLINE_BYTES: Mapping[Task, int] = {
    "tabular-classification": 500_000,
    "tabular-regression": 500_000,
    "text-classification": 20_000,
    "question-answering": 0,
}
"""A thread costs more than a small batch; a large batch would hold up everybody else."""


def predict_router(inference: Inference) -> APIRouter:
    router = APIRouter()

    @router.post("/models/{model}/predict")
    async def predict(request: Request) -> Response:
        model: str = request.path_params["model"]
        served = inference.served(model)
        definition = inference.definitions[model]
        body = await read_json_bytes(request, definition.limits.max_payload_bytes)
        if len(body) <= INLINE_BYTES[definition.task]:
            found = _predict(served, body, definition.task)
        else:
            found = await run_in_threadpool(_predict, served, body, definition.task)
        return answer(request, _data(model, found))

    return router


def _predict(served: ServedModel, body: bytes, task: Task) -> Predictions:
    version, report = served.current(), current_report()
    report.serves(version, served)
    batch = version.read(body)
    instances = _instances(body, task) if batch is None else None
    try:
        found = version.predict(batch or version.validate(instances.rows if instances else ()))
    except InvalidInputError as error:
        # a body that was read at once is parsed only to tell where its faults stand
        raise error.relocated((instances or _instances(body, task)).place) from None
    report.predicted(found)
    return found


def _instances(body: bytes, task: Task) -> Instances:
    return parse_instances(body, instances_names(task))


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
