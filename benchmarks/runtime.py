"""Starts and answers of functions under Lambda's own runtime client: python -m benchmarks.runtime"""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from benchmarks.preparation import PROJECT, home_of, prepare, read_bodies
from benchmarks.report import table
from benchmarks.results_file import RUNTIME, write_part
from tools.checkout import HERE, Checkout
from tools.lambda_runtime import TIMEOUT_SECONDS, LambdaFunction
from tools.object_store import object_store

MODEL = "churn"
STARTS = 9
ROUNDS = 10
EVENTS = 40
LARGEST_SHARE_OF_NAIVE_START = 0.5
LARGEST_MS_ABOVE_BARE = 1.0
REGISTRY_BUCKET = "registry"
EVENT: dict[str, Any] = json.loads((PROJECT / "tests" / "events" / "http_api_post.json").read_bytes())


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """One function; its predictions are under `path` of the answer, or it is only started (None)."""

    label: str
    handler: str
    path: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


BARE = Function("a handler that answers {}", "benchmarks.peers.bare_handler.handler", "/")
NAIVE = Function("FastAPI, Mangum, joblib, pandas", "benchmarks.peers.churn.frame_handler.handler", "/predict")
PREDICT = Function(
    "predict, production asked for in every request",
    "functions.inference.predict_handler.handler",
    f"/models/{MODEL}/predict",
)
FRESH = Function(
    "predict, production asked for once a minute",
    PREDICT.handler,
    PREDICT.path,
    {"DESPLIEGUE_FRESHNESS_SECONDS": "60"},
)
CONTROL = Function("control", "functions.inference.control_handler.handler")
AUTHORIZER = Function("authorizer", "functions.authorizer.handler.handler")
FUNCTIONS = (BARE, NAIVE, PREDICT, FRESH, CONTROL, AUTHORIZER)


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians: seconds to the first request for an event, milliseconds from an event to its answer."""

    start_seconds: Mapping[Function, float]
    answer_ms: Mapping[Function, float]

    @property
    def share_of_naive_start(self) -> float:
        return self.start_seconds[PREDICT] / self.start_seconds[NAIVE]

    @property
    def ms_above_bare(self) -> float:
        return self.answer_ms[FRESH] - self.answer_ms[BARE]

    @property
    def is_enough(self) -> bool:
        return self.share_of_naive_start <= LARGEST_SHARE_OF_NAIVE_START and self.ms_above_bare <= LARGEST_MS_ABOVE_BARE


def main() -> int:
    """Measure and write RESULTS.md; 1 if a required figure is missed."""
    with tempfile.TemporaryDirectory() as root, object_store() as variables:
        folder = Path(root)
        print(f"{MODEL}: training, then {STARTS} starts and {ROUNDS} rounds of {EVENTS} answers", file=sys.stderr)
        prepare(MODEL, folder)
        upload_registry(folder, variables)
        environment = {**function_variables(variables), "PEER_FOLDER": str(folder)}
        measured = Measured(_starts(environment, folder), _answers(environment, folder))
    text = _document(measured)
    print(text)
    write_part(RUNTIME, text)
    return 0 if measured.is_enough else 1


def function_variables(store: Mapping[str, str]) -> dict[str, str]:
    """The environment of every function of MODEL, with its registry in the object store."""
    return {
        **store,
        "DESPLIEGUE_MODEL": MODEL,
        "DESPLIEGUE_REGISTRY": f"s3://{REGISTRY_BUCKET}",
        "DESPLIEGUE_UPLOADS": f"s3://{REGISTRY_BUCKET}",
        "DESPLIEGUE_PREDICTIONS": "predictions",
        "DESPLIEGUE_BATCH_DAYS": "90",
        "DESPLIEGUE_BATCH_MEMORY_MB": "1769",
        "DESPLIEGUE_TOKENS": "tokens",
        "POWERTOOLS_METRICS_NAMESPACE": "Despliegue/benchmark",
    }


def upload_registry(folder: Path, variables: Mapping[str, str]) -> None:
    """Copy the registry into a bucket of its own. The store asks for no signature."""
    registry = home_of(folder).root / "registry"
    with httpx.Client(base_url=f"{variables['AWS_ENDPOINT_URL']}/{REGISTRY_BUCKET}") as bucket:
        bucket.put("").raise_for_status()
        for path in sorted(one for one in registry.rglob("*") if one.is_file()):
            bucket.put(f"/{path.relative_to(registry).as_posix()}", content=path.read_bytes()).raise_for_status()


def _starts(environment: Mapping[str, str], folder: Path) -> dict[Function, float]:
    seconds: dict[str, list[float]] = {one.label: [] for one in FUNCTIONS}
    for _ in range(STARTS):
        for one in FUNCTIONS:
            with running_function(one, environment, folder) as function:
                seconds[one.label].append(function.init_seconds)
    return {one: median(seconds[one.label]) for one in FUNCTIONS}


def _answers(environment: Mapping[str, str], folder: Path) -> dict[Function, float]:
    """Milliseconds of the answers: some events in a row for each function, in turn."""
    asked = [one for one in FUNCTIONS if one.path is not None]
    bodies = read_bodies(folder, "one")
    taken: dict[str, list[float]] = {one.label: [] for one in asked}
    with ExitStack() as running:
        functions = [running.enter_context(running_function(one, environment, folder)) for one in asked]
        for number in range(-1, ROUNDS):
            for one, function in zip(asked, functions, strict=True):
                for body in islice(cycle(bodies), EVENTS):
                    seconds = _seconds(function, predict_event(str(one.path), body.decode()))
                    if number >= 0:  # the first round warms
                        taken[one.label].append(1000 * seconds)
    return {one: median(taken[one.label]) for one in asked}


def _seconds(function: LambdaFunction, event: dict[str, Any]) -> float:
    began = time.perf_counter()
    answer = function(event)
    taken = time.perf_counter() - began
    if answer["statusCode"] != 200:
        raise RuntimeError(f"a function answered {answer}")
    return taken


def predict_event(path: str, body: str) -> dict[str, Any]:
    http = {**EVENT["requestContext"]["http"], "path": path}
    return {**EVENT, "rawPath": path, "requestContext": {**EVENT["requestContext"], "http": http}, "body": body}


@contextmanager
def running_function(
    one: Function, environment: Mapping[str, str], folder: Path, checkout: Checkout = HERE
) -> Iterator[LambdaFunction]:
    """The function under the runtime client while the block runs, by the code of a checkout."""
    variables, log = {**environment, **one.environment}, folder / f"{checkout.root.name}.log"
    function = LambdaFunction(one.handler, variables, log, TIMEOUT_SECONDS, checkout=checkout)
    try:
        if function.init_error is not None:
            raise RuntimeError(f"{one.label} did not start: {function.init_error}")
        yield function
    finally:
        function.stop()


def _document(measured: Measured) -> str:
    return "\n\n".join(
        [
            "Written by `python -m benchmarks.runtime`: handlers in a process of their own under awslambdaric, Lambda's"
            " own runtime client, with an S3 in another process. Start: from the start of the interpreter to the first"
            f" request for an event, median of {STARTS}, in turn; the model is loaded by then. Answer: from an event of"
            f" one row to the whole response, median of {ROUNDS} rounds of {EVENTS}, in turn. What S3 itself takes is"
            " in the third line and not in the fourth: on AWS it is some milliseconds. Take ratios and differences.",
            f"Machine: {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python"
            f" {platform.python_version()}.",
            table(["function", "start, s", "answer, ms"], [_row(measured, one) for one in FUNCTIONS]),
            table(
                ["required", "at most", "measured", "met"],
                [
                    _required(
                        "start, share of FastAPI with joblib",
                        LARGEST_SHARE_OF_NAIVE_START,
                        measured.share_of_naive_start,
                    ),
                    _required("answer above the bare handler's, ms", LARGEST_MS_ABOVE_BARE, measured.ms_above_bare),
                ],
            ),
        ]
    )


def _row(measured: Measured, one: Function) -> Sequence[str]:
    answer = measured.answer_ms.get(one)
    return [one.label, f"{measured.start_seconds[one]:.2f}", "" if answer is None else f"{answer:.2f}"]


def _required(what: str, limit: float, found: float) -> Sequence[str]:
    return [what, f"{limit:g}", f"{found:.2f}", "yes" if found <= limit else "**no**"]


if __name__ == "__main__":
    sys.exit(main())
