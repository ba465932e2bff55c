"""Routes POST /models/{model} and POST /models/{owner}/{name}, for models whose task the protocol has."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from functions.core.definition import Definition
from functions.core.errors import InvalidInputError, NotFoundError, NotReadyError
from functions.core.patience import waited_seconds
from functions.core.routes import RESOURCES, protocol_paths
from functions.inference.envelope import JSON
from functions.inference.json_body import read_json_bytes
from functions.inference.long_work import run_long
from functions.inference.protocols.hugging_face.body import SNIPPET_TYPES, Body, RequestOptions, parse_body
from functions.inference.protocols.hugging_face.cache import AnswerCache, cache_key
from functions.inference.protocols.hugging_face.errors import Endpoint, HuggingFaceRoute
from functions.inference.protocols.hugging_face.tasks import ANSWER_BY_TASK, asked_rows, refusal_of_task
from functions.inference.request_report import current_report
from functions.serving.models import ServedModels
from functions.serving.production import ServedModel
from functions.serving.version import LoadedVersion

MODEL_WAIT_SECONDS = 20.0
"""Longest wait for a first version, from the arrival of the request; API Gateway hangs up after 30 seconds."""
MODEL_POLL_SECONDS = 0.25


def routes(models: ServedModels) -> list[Route]:
    # one for all models of the process: the key holds the model and its version
    cache = AnswerCache()
    paths = protocol_paths("hugging-face", models.definitions.values())
    return [
        *(HuggingFaceRoute(path, _endpoint(models, models.definitions[model], cache)) for path, model in paths.items()),
        UnknownHubId(models.definitions),
    ]


class UnknownHubId(HuggingFaceRoute):
    """The answer of this protocol to the id of a model that is not here; paths of a model's resources are not its."""

    def __init__(self, definitions: Mapping[str, Definition]) -> None:
        async def refuse(request: Request) -> Response:
            known = [one.hub_id for one in definitions.values() if one.hub_id]
            raise NotFoundError("model", "/".join(request.path_params.values()), [*definitions, *known])

        super().__init__("/models/{owner}/{name}", refuse)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        is_resource = scope["path"].rpartition("/")[2] in RESOURCES
        return (Match.NONE, {}) if is_resource or scope["method"] != "POST" else super().matches(scope)


def _endpoint(models: ServedModels, definition: Definition, cache: AnswerCache) -> Endpoint:
    async def answer(request: Request) -> Response:
        # a page of any site may send these types without asking first, which is no harm where nothing is changed
        body = await read_json_bytes(request, definition.limits.max_payload_bytes, also=SNIPPET_TYPES)
        asked = parse_body(body, request.headers)
        return await run_long(request.scope, _respond, models.served(definition.name), asked, cache)

    return answer


def _respond(served: ServedModel, body: Body, cache: AnswerCache) -> Response:
    version, report = _version(served, body.options), current_report()
    report.serves(version, served)
    manifest = version.manifest
    headers = {"X-Model-Version": str(manifest.version)}
    key = cache_key(manifest.model, manifest.version, manifest.created, body.to_json())
    cached = cache.get(key) if body.options.use_cache else None
    content = cached or orjson.dumps(_answered(version, body))
    report.rows = asked_rows(body.inputs)
    if cached is None:
        cache.put(key, content)
    return Response(content, 200, {**headers, "X-Compute-Type": "cpu" if cached is None else "cache"}, JSON)


def _answered(version: LoadedVersion, body: Body) -> Any:
    task = version.manifest.task
    try:
        return ANSWER_BY_TASK[task](version, body)
    except InvalidInputError as error:
        raise refusal_of_task(error, task) from None


def _version(served: ServedModel, options: RequestOptions) -> LoadedVersion:
    """The version to answer with; a client that waits gets the first version that is promoted in time."""
    while True:
        try:
            return served.current()
        except NotReadyError:
            if not options.wait_for_model or waited_seconds() >= MODEL_WAIT_SECONDS:
                raise
            time.sleep(MODEL_POLL_SECONDS)  # outside of the event loop, so other requests go on
