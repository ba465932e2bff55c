"""The route POST /models/{model}/predict."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.inference.envelope import answer
from functions.inference.json_body import read_json_bytes
from functions.inference.long_work import run_long
from functions.inference.request_report import current_report
from functions.serving.models import ServedModels
from functions.serving.production import ServedModel
from functions.serving.version import Predictions


def routes(models: ServedModels) -> list[Route]:
    inline_bytes = {name: definition.inline_bytes for name, definition in models.definitions.items()}

    async def predict(request: Request) -> Response:
        model: str = request.path_params["model"]
        served = models.served(model)
        definition = models.definitions[model]
        body = await read_json_bytes(request, definition.limits.max_payload_bytes)
        if len(body) <= inline_bytes[model]:
            # a thread costs more than a small batch, and only a large one would hold up other requests
            result = _predict(served, body)
        else:
            result = await run_long(request.scope, _predict, served, body)
        return answer(request, _data(model, result))

    return [Route("/models/{model}/predict", predict, methods=["POST"])]


def _predict(served: ServedModel, body: bytes) -> Predictions:
    version, report = served.current(), current_report()
    report.serves(version, served)
    result = version.predict(version.read(body))
    report.predicted(result)
    return result


def _data(model: str, result: Predictions) -> dict[str, object]:
    data: dict[str, object] = {
        "model": model,
        "version": result.version,
        "predictions": result.predictions,
        "warnings": result.warnings,
    }
    if result.ids is not None:
        data["ids"] = result.ids
    return data
