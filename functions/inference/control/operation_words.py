"""Words and examples for the operations of the OpenAPI document, which FastAPI cannot take from their code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from functions.inference.openapi import Json

PARAMETERS: Mapping[str, tuple[str, Any]] = {
    "model": ("the name of a model, as GET /models lists them", None),
    "version": ("the number of a version, counted from 1 for each model", 1),
    "job": ("the id of a training job, which the answers of retrain and uploads name", "0" * 32),
    "batch": ("the id of a batch, which the answer that took it names", "0" * 32),
    "id": ("the id of a row of the batch that answers, percent-encoded", "3907-mwtrb"),
    "arg": ("the name of an argument of the version in production", None),
    "filter": ("one part of the performance: overall, class or slices; all without it", "overall"),
    "idempotency-key": ("a key of your own: a request that repeats it, with the same rows, starts no second job", None),
    "prefer": ("respond-async: answer 202 with the job at once, and do not wait for its result", "respond-async"),
}
"""What each parameter means, with an example that works for every model; None where there is no such example."""
BODIES: Mapping[tuple[str, str], Any] = {
    ("/models/{model}/production", "put"): {"version": 1, "pin": False},
    ("/models/{model}/uploads", "post"): {"file_name": "rows.csv"},
    ("/models/{model}/batches", "post"): {"file_name": "rows.csv", "output": "csv", "keep_columns": True},
    ("/models/{model}/predictions", "post"): {"ids": ["3907-mwtrb"]},
    ("/models/{model}/predictions", "put"): {"batch": "0" * 32},
}


def describe_operations(paths: Json) -> None:
    """Give each operation a title, which is the first line of its description, and its parameters and body examples."""
    for path, item in paths.items():
        for method, operation in item.items():
            _title(operation)
            describe_parameters(operation.get("parameters", ()))
            if (path, method) in BODIES:
                operation["requestBody"]["content"]["application/json"]["example"] = BODIES[path, method]


def describe_parameters(parameters: Iterable[Json]) -> None:
    for parameter in parameters:
        description, example = PARAMETERS.get(parameter["name"], (None, None))
        if description is not None:
            parameter["description"] = description
        if example is not None:
            parameter["example"] = example


def _title(operation: Json) -> None:
    title = operation.get("description", "").partition("\n")[0].strip().removesuffix(".")
    if title:
        operation["summary"] = title
