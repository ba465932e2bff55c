"""The peers: how each is started, what it is asked, and where its predictions are in the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tools.checkout import HERE

MODEL = "churn"
NO_LOG = ("--no-access-log", "--log-level", "warning")
APPLICATION = "benchmarks.peers.application:create"


def _as_is(body: bytes) -> bytes:
    return body


def _rows(body: bytes) -> list[dict[str, Any]]:
    """The instances of a body, which holds one or a list of them."""
    found = json.loads(body)
    return found if isinstance(found, list) else [found]


def _probabilities(answer: Any) -> list[float]:
    return [float(row["churn_probability"]) for row in (answer if isinstance(answer, list) else [answer])]


@dataclass(frozen=True, slots=True)
class Wire:
    """A peer's HTTP: the path for one row and for a batch, its body for ours, the chances of `yes` in its answer.

    A peer that answers labels alone has `is_label`, and 1.0 and 0.0 for its values.
    """

    one: str = "/predict"
    batch: str = "/predict/batch"
    body: Callable[[bytes], bytes] = _as_is
    values: Callable[[Any], list[float]] = _probabilities
    is_label: bool = False


@dataclass(frozen=True, slots=True)
class Peer:
    """One server. `environment` names its file in requirements/, and is None for Despliegue itself.

    `command` follows the interpreter, as `prepare` does, which is run before; both and `variables` may hold {port},
    {second_port}, {third_port}, and {folder}, that of the trained files. `package` is the one whose version is shown.
    """

    name: str
    label: str
    environment: str | None
    command: tuple[str, ...]
    wire: Wire = Wire()
    package: str = ""
    prepare: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)


def _by_uvicorn(name: str, label: str, environment: str, module: str, package: str, wire: Wire = Wire()) -> Peer:
    command = ("-m", "uvicorn", "--factory", APPLICATION, "--port", "{port}", *NO_LOG)
    return Peer(name, label, environment, command, wire, package, variables={"PEER_MODULE": f"churn.{module}"})


def _v2_tensors(body: bytes) -> bytes:
    """A tensor for each column, as the Open Inference Protocol has them."""
    rows = _rows(body)
    inputs = []
    for name in rows[0]:
        values = [row[name] for row in rows]
        is_text = isinstance(values[0], str)
        kind = "BYTES" if is_text else "FP64"
        tensor = {"name": name, "datatype": kind, "shape": [len(rows), 1], "data": values}
        inputs.append({**tensor, "parameters": {"content_type": "str"}} if is_text else tensor)
    asked = {"parameters": {"content_type": "pd"}, "inputs": inputs, "outputs": [{"name": "predict_proba"}]}
    return json.dumps(asked).encode()


def _named(name: str) -> Callable[[bytes], bytes]:
    """A body with all rows as a list under a name."""

    def body(found: bytes) -> bytes:
        return json.dumps({name: _rows(found)}).encode()

    return body


def _columns(body: bytes) -> bytes:
    """One instance that holds all rows by columns: KServe makes a DataFrame of each instance."""
    rows = _rows(body)
    return json.dumps({"instances": [{name: [row[name] for row in rows] for name in rows[0]}]}).encode()


def _second_column(rows: Sequence[Sequence[float]]) -> list[float]:
    return [float(row[1]) for row in rows]


DESPLIEGUE = Peer(
    "despliegue",
    "Despliegue",
    None,
    tuple(HERE.command("serve", "--port", "{port}")[1:]),
    Wire(
        one=f"/models/{MODEL}/predict",
        batch=f"/models/{MODEL}/predict",
        values=lambda answer: [float(row["scores"]["yes"]) for row in answer["data"]["predictions"]],
    ),
)
PEERS: tuple[Peer, ...] = (
    _by_uvicorn("raw_asgi", "ASGI, orjson, ONNX Runtime", "raw_asgi", "raw_asgi", "onnxruntime"),
    _by_uvicorn("fastapi_records", "FastAPI, joblib, DictVectorizer", "fastapi", "fastapi_records", "fastapi"),
    _by_uvicorn("fastapi_frame", "FastAPI, joblib, DataFrame", "fastapi", "fastapi_frame", "fastapi"),
    Peer(
        "flask",
        "Flask, gunicorn, joblib, DictVectorizer",
        "flask",
        # threads, as the worker without them closes every connection
        ("-m", "gunicorn", "--bind", "127.0.0.1:{port}", "--threads", "2", APPLICATION + "()"),
        package="flask",
        variables={"PEER_MODULE": "churn.flask_records"},
    ),
    Peer(
        "litserve",
        "LitServe, DictVectorizer",
        "litserve",
        ("-m", "benchmarks.peers.churn.litserve_records", "{port}", "{folder}"),
        Wire(batch="/predict"),
        "litserve",
    ),
    *(
        Peer(
            f"bentoml_{kind}",
            f"BentoML, {words}",
            "bentoml",
            ("-m", "bentoml", "serve", f"benchmarks.peers.churn.bentoml_{kind}:Churn", "--port", "{port}"),
            Wire(batch="/predict", body=_named("customers")),
            "bentoml",
            variables={"BENTOML_DO_NOT_TRACK": "True", "BENTOML_HOME": "{folder}/bentoml"},
        )
        for kind, words in (("records", "DictVectorizer"), ("frame", "DataFrame"))
    ),
    _by_uvicorn(
        "vetiver",
        "vetiver, DataFrame (answers labels)",
        "vetiver",
        "vetiver_frame",
        "vetiver",
        Wire(
            batch="/predict",
            body=lambda body: json.dumps(_rows(body)).encode(),
            values=lambda answer: [float(label == "yes") for label in answer["predict"]],
            is_label=True,
        ),
    ),
    Peer(
        "mlserver",
        "MLServer, parallel_workers=0",
        "mlserver",
        ("-m", "mlserver.cli.main", "start", "{folder}/mlserver"),
        Wire(
            one=f"/v2/models/{MODEL}/infer",
            batch=f"/v2/models/{MODEL}/infer",
            body=_v2_tensors,
            values=lambda answer: [float(one) for one in answer["outputs"][0]["data"][1::2]],
        ),
        "mlserver",
        prepare=("-m", "benchmarks.peers.churn.mlserver_folder", "{folder}"),
        variables={
            "MLSERVER_HTTP_PORT": "{port}",
            "MLSERVER_GRPC_PORT": "{second_port}",
            "MLSERVER_METRICS_PORT": "{third_port}",
            # with a worker, its default, 1.7.1 dies under the uvloop of today
            "MLSERVER_PARALLEL_WORKERS": "0",
        },
    ),
    Peer(
        "kserve",
        "KServe, sklearnserver",
        "kserve",
        ("-m", "benchmarks.peers.churn.kserve_frame", "{port}", "{folder}"),
        Wire(
            one=f"/v1/models/{MODEL}:predict",
            batch=f"/v1/models/{MODEL}:predict",
            body=_columns,
            values=lambda answer: _second_column(answer["predictions"]),
        ),
        "kserve",
    ),
    Peer(
        "mlflow",
        "MLflow models serve, DataFrame",
        "mlflow",
        (
            *("-m", "mlflow", "models", "serve", "--model-uri", "{folder}/mlflow"),
            *("--env-manager", "local", "--workers", "1", "--port", "{port}"),
        ),
        Wire(
            one="/invocations",
            batch="/invocations",
            body=_named("dataframe_records"),
            values=lambda answer: _second_column(answer["predictions"]),
        ),
        "mlflow",
        prepare=("-m", "benchmarks.peers.churn.mlflow_model", "{folder}"),
    ),
)
