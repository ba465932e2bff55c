"""The peers of each model: how each is started and what it is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.peers.wires import Wire, columns, named, rows_of, second_column, under, v2_tensors
from tools.checkout import HERE

NO_LOG = ("--no-access-log", "--log-level", "warning")
APPLICATION = "benchmarks.peers.application:create"
CHANCE = under("churn_probability")
PRICE = under("price")


@dataclass(frozen=True, slots=True)
class Peer:
    """One server. `environment` names its file in requirements/, and is None for Despliegue itself.

    `command` follows the interpreter, as `prepare` does, which is run before; both and `variables` may hold {port},
    {second_port}, {third_port}, and {folder}, that of the trained files. `package` is the one whose release is shown.
    """

    name: str
    label: str
    environment: str | None
    command: tuple[str, ...]
    wire: Wire
    package: str = ""
    prepare: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)


def _by_uvicorn(name: str, label: str, environment: str, module: str, package: str, wire: Wire) -> Peer:
    command = ("-m", "uvicorn", "--factory", APPLICATION, "--port", "{port}", *NO_LOG)
    return Peer(name, label, environment, command, wire, package, variables={"PEER_MODULE": module})


def _bentoml(name: str, label: str, service: str, wire: Wire) -> Peer:
    command = ("-m", "bentoml", "serve", f"benchmarks.peers.{service}", "--port", "{port}")
    variables = {"BENTOML_DO_NOT_TRACK": "True", "BENTOML_HOME": "{folder}/bentoml"}
    return Peer(name, label, "bentoml", command, wire, "bentoml", variables=variables)


def _mlflow(module: str, wire: Wire) -> Peer:
    command = (
        *("-m", "mlflow", "models", "serve", "--model-uri", "{folder}/mlflow"),
        *("--env-manager", "local", "--workers", "1", "--port", "{port}"),
    )
    prepare = ("-m", f"benchmarks.peers.{module}", "{folder}")
    return Peer("mlflow", "MLflow models serve, DataFrame", "mlflow", command, wire, "mlflow", prepare)


DESPLIEGUE: Mapping[str, Peer] = {
    model: Peer(
        "despliegue",
        "Despliegue",
        None,
        tuple(HERE.command("serve", "--port", "{port}")[1:]),
        Wire(values, one=f"/models/{model}/predict", batch=f"/models/{model}/predict"),
    )
    for model, values in {
        "churn": lambda answer: [float(row["scores"]["yes"]) for row in answer["data"]["predictions"]],
        "car-price": lambda answer: [float(price) for price in answer["data"]["predictions"]],
    }.items()
}
_CHURN = (
    _by_uvicorn("raw_asgi", "ASGI, orjson, ONNX Runtime", "raw_asgi", "churn.raw_asgi", "onnxruntime", Wire(CHANCE)),
    _by_uvicorn(
        "fastapi_records",
        "FastAPI, joblib, DictVectorizer",
        "fastapi",
        "churn.fastapi_records",
        "fastapi",
        Wire(CHANCE),
    ),
    _by_uvicorn(
        "fastapi_frame", "FastAPI, joblib, DataFrame", "fastapi", "churn.fastapi_frame", "fastapi", Wire(CHANCE)
    ),
    Peer(
        "flask",
        "Flask, gunicorn, joblib, DictVectorizer",
        "flask",
        # threads, as the worker without them closes every connection
        ("-m", "gunicorn", "--bind", "127.0.0.1:{port}", "--threads", "2", APPLICATION + "()"),
        Wire(CHANCE),
        "flask",
        variables={"PEER_MODULE": "churn.flask_records"},
    ),
    Peer(
        "litserve",
        "LitServe, DictVectorizer",
        "litserve",
        ("-m", "benchmarks.peers.churn.litserve_records", "{port}", "{folder}"),
        Wire(CHANCE, batch="/predict"),
        "litserve",
    ),
    *(
        _bentoml(
            f"bentoml_{kind}",
            f"BentoML, {words}",
            f"churn.bentoml_{kind}:Churn",
            Wire(CHANCE, batch="/predict", body=named("customers")),
        )
        for kind, words in (("records", "DictVectorizer"), ("frame", "DataFrame"))
    ),
    _by_uvicorn(
        "vetiver",
        "vetiver, DataFrame (answers labels)",
        "vetiver",
        "churn.vetiver_frame",
        "vetiver",
        Wire(
            lambda answer: [float(label == "yes") for label in answer["predict"]],
            batch="/predict",
            body=lambda body: json.dumps(rows_of(body)).encode(),
            is_label=True,
        ),
    ),
    Peer(
        "mlserver",
        "MLServer, parallel_workers=0",
        "mlserver",
        ("-m", "mlserver.cli.main", "start", "{folder}/mlserver"),
        Wire(
            lambda answer: [float(one) for one in answer["outputs"][0]["data"][1::2]],
            one="/v2/models/churn/infer",
            batch="/v2/models/churn/infer",
            body=v2_tensors,
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
            lambda answer: second_column(answer["predictions"]),
            one="/v1/models/churn:predict",
            batch="/v1/models/churn:predict",
            body=columns,
        ),
        "kserve",
    ),
    _mlflow(
        "churn.mlflow_model",
        Wire(
            lambda answer: second_column(answer["predictions"]),
            one="/invocations",
            batch="/invocations",
            body=named("dataframe_records"),
        ),
    ),
)
_CAR_PRICE = (
    _by_uvicorn("raw_asgi", "ASGI, orjson, ONNX Runtime", "raw_asgi", "car_price.raw_asgi", "onnxruntime", Wire(PRICE)),
    _by_uvicorn(
        "fastapi_frame", "FastAPI, joblib, DataFrame", "fastapi", "car_price.fastapi_frame", "fastapi", Wire(PRICE)
    ),
    _bentoml(
        "bentoml_frame",
        "BentoML, DataFrame",
        "car_price.bentoml_frame:CarPrice",
        Wire(PRICE, batch="/predict", body=named("cars")),
    ),
    _mlflow(
        "car_price.mlflow_model",
        Wire(
            lambda answer: [float(price) for price in answer["predictions"]],
            one="/invocations",
            batch="/invocations",
            body=named("dataframe_records"),
        ),
    ),
)
PEERS: Mapping[str, tuple[Peer, ...]] = {"churn": _CHURN, "car-price": _CAR_PRICE}
