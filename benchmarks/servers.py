"""The servers that are compared, each made from the trained files."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from benchmarks.preparation import MODELS, home_of

OURS = "despliegue"
STRONG_PEER = "fastapi_frame"
"""The server with which the required ratios compare."""


class Caller(Protocol):
    """A direct caller of a server's application: request bytes in, response bytes out, no socket."""

    def last_answer(self, path: str, bodies: Sequence[bytes]) -> bytes:
        """The answer to the last of `bodies`, sent one after the other.

        Raises RuntimeError for a status other than 200.
        """


@dataclass(frozen=True, slots=True)
class Server:
    """One server; `module` is the peer's under benchmarks.peers, None for Despliegue."""

    name: str
    label: str
    module: str | None = None

    @property
    def is_wsgi(self) -> bool:
        return self.name.startswith("flask")

    def path(self, model: str, *, is_batch: bool) -> str:
        if self.module is None:
            return f"/models/{model}/predict"
        return "/predict/batch" if is_batch else "/predict"

    def values(self, answer: Any) -> list[float]:
        """The predicted numbers in a decoded answer, for the comparison of servers."""
        rows = answer["data"]["predictions"] if self.module is None else answer
        return [_value(row) for row in (rows if isinstance(rows, list) else [rows])]


DESPLIEGUE = Server(OURS, "Despliegue")
SERVERS: Mapping[str, tuple[Server, ...]] = {
    "churn": (
        DESPLIEGUE,
        Server("fastapi_frame", "A: FastAPI, joblib, DataFrame", "churn.fastapi_frame"),
        Server("fastapi_records", "A': FastAPI, joblib, DictVectorizer", "churn.fastapi_records"),
        Server("fastapi_reload", "B: A with joblib.load in every request", "churn.fastapi_reload"),
        Server("flask_records", "C: Flask, joblib, DictVectorizer", "churn.flask_records"),
    ),
    "car-price": (
        DESPLIEGUE,
        Server("fastapi_frame", "A: FastAPI, joblib, DataFrame", "car_price.fastapi_frame"),
        Server("fastapi_reload", "B: A with joblib.load in every request", "car_price.fastapi_reload"),
        Server("flask_frame", "C: Flask, joblib, DataFrame", "car_price.flask_frame"),
    ),
}


def find_server(model: str, name: str) -> Server:
    return next(server for server in SERVERS[model] if server.name == name)


def start(server: Server, model: str, folder: Path) -> Caller:
    """Import the server and load the model; returns a caller of it."""
    application = _despliegue(model, folder) if server.module is None else _peer(server.module, model, folder)
    if server.is_wsgi:
        from benchmarks.wsgi import WsgiCaller

        return WsgiCaller(application)
    from benchmarks.asgi import AsgiCaller

    return AsgiCaller(application)


def _despliegue(model: str, folder: Path) -> Any:
    from functions.core.model_folder import load_definition
    from functions.local.application import local_application

    definitions = {model: load_definition(MODELS / model)}
    return local_application(home_of(folder), definitions, base_url="http://127.0.0.1:8000")


def _peer(module: str, model: str, folder: Path) -> Any:
    from model_export.pipelines.pipeline_module import load_pipeline_module

    load_pipeline_module(MODELS / model)  # joblib needs the transformers that it defines
    return importlib.import_module(f"benchmarks.peers.{module}").create(folder)


def _value(row: Any) -> float:
    if not isinstance(row, dict):
        return float(row)
    if "scores" in row:
        return float(row["scores"]["yes"])
    return float(row["churn_probability"] if "churn_probability" in row else row["price"])
