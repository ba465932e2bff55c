"""CPU time of a request to Despliegue, by stage: python -m benchmarks.breakdown MODEL FOLDER prints JSON."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from statistics import median

from starlette.requests import Request
from starlette.types import Message

from benchmarks.asgi import ask, scope_of
from benchmarks.measure import ONE_THREAD_ENVIRONMENT
from benchmarks.preparation import MODELS, PROJECT, SIZES, home_of, read_bodies
from functions.core.model_folder import load_definition
from functions.inference.application import create_application
from functions.inference.envelope import answer
from functions.inference.json_body import read_json_bytes
from functions.inference.plain_routes import PlainRoutesFirst
from functions.inference.protocols.despliegue import routes as despliegue
from functions.predictors.tabular import TabularPredictor
from functions.serving.models import ServedModels

ROUNDS = 15
ROUND_SECONDS = 0.03
TOTAL, UNCHECKED = "whole request", "whole request, freshness checked once a minute"
MAX_BYTES = 6_000_000
Stage = Callable[[], object]
Breakdown = Mapping[str, Mapping[str, float]]


def breakdown(model: str, folder: Path) -> Breakdown:
    """Microseconds of CPU by size and stage, measured in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.breakdown", model, str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=PROJECT, env=ONE_THREAD_ENVIRONMENT)
    measured: Breakdown = json.loads(done.stdout)
    return measured


def _stages(model: str, folder: Path, body: bytes, loop: asyncio.AbstractEventLoop) -> dict[str, Stage]:
    definitions = {model: load_definition(MODELS / model)}
    registry, path = home_of(folder).registry, f"/models/{model}/predict"
    inference = ServedModels(definitions, registry)
    trusted = ServedModels(definitions, registry, freshness_seconds=60.0)
    checking = create_application(PlainRoutesFirst(despliegue.routes(inference)))
    trusting = create_application(PlainRoutesFirst(despliegue.routes(trusted)))
    served = inference.served(model)
    version = served.current()
    predictor = version.predictor
    assert isinstance(predictor, TabularPredictor)
    batch = version.read(body)
    assert batch is not None
    answered = version.predict(batch)
    data = {"model": model, "version": 1, "predictions": answered.predictions, "warnings": answered.warnings}
    request = Request(scope_of(path, body))
    return {
        TOTAL: lambda: loop.run_until_complete(ask(checking, path, body)),
        UNCHECKED: lambda: loop.run_until_complete(ask(trusting, path, body)),
        "an empty coroutine": lambda: loop.run_until_complete(asyncio.sleep(0)),
        "freshness check": served.current,
        "body read": lambda: loop.run_until_complete(_read(path, body)),
        "JSON parsed and validated": partial(version.read, body),
        "packed and run by ONNX Runtime": partial(predictor.run, batch.table),
        "run and predictions named": partial(predictor.predict, batch.table),
        "warnings": partial(version.warnings.of, batch.table),
        "envelope serialized": partial(answer, request, data),
    }


async def _read(path: str, body: bytes) -> bytes:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return await read_json_bytes(Request(scope_of(path, body), receive), MAX_BYTES)


def _medians(stages: Mapping[str, Stage]) -> dict[str, float]:
    """Microseconds a call by stage: medians over rounds, in which the stages take turns."""
    counts = {name: max(3, int(ROUND_SECONDS / _seconds(stage, 3))) for name, stage in stages.items()}
    rounds = [{name: _seconds(stage, counts[name]) for name, stage in stages.items()} for _ in range(ROUNDS)]
    return {name: median(one[name] for one in rounds) * 1e6 for name in stages}


def _seconds(stage: Stage, count: int) -> float:
    before = time.process_time()
    for _ in range(count):
        stage()
    return (time.process_time() - before) / count


def _parts_of_whole(measured: dict[str, float]) -> dict[str, float]:
    """Stages that add up to the whole request; the rest of it is routing, ASGI and freeing memory."""
    loop = measured.pop("an empty coroutine")
    for name in (TOTAL, UNCHECKED, "body read"):
        measured[name] -= loop
    whole, unchecked = measured.pop(TOTAL), measured.pop(UNCHECKED)
    measured["run and predictions named"] -= measured["packed and run by ONNX Runtime"]
    parts = {name.replace("run and predictions", "predictions"): max(0.0, one) for name, one in measured.items()}
    rest = max(0.0, whole - sum(parts.values()))
    return {**parts, "routing, ASGI, the rest": rest, TOTAL: whole, UNCHECKED: unchecked}


def main(model: str, folder: Path) -> None:
    loop = asyncio.new_event_loop()
    stages = {size: _medians(_stages(model, folder, read_bodies(folder, size)[0], loop)) for size in SIZES}
    print(json.dumps({size: _parts_of_whole(measured) for size, measured in stages.items()}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
