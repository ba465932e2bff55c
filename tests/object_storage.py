"""An S3 in this process, both kinds of storage, and a version of churn that costs no training.

What few tests need is imported where it is used.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tools.object_store import REGION, variables_for

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from functions.core.manifest import Manifest
    from functions.core.registry import Registry
    from functions.core.storage import Storage

CHURN = Path(__file__).resolve().parents[1] / "models" / "churn"
OPSET = 18
IR_VERSION = 9


@pytest.fixture(scope="session")
def aws_variables() -> Iterator[dict[str, str]]:
    """The environment in which boto3 finds an S3 of our own, and never a real account."""
    from moto.s3.responses import S3Response
    from moto.server import ThreadedMotoServer

    putting, put = threading.Lock(), S3Response._key_response_put

    def put_at_once(*given: Any, **named: Any) -> Any:
        """S3 compares and writes in one step; moto's threads may write between the two."""
        with putting:
            return put(*given, **named)

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(S3Response, "_key_response_put", put_at_once)
        server.start()
        host, port = server.get_host_and_port()
        yield variables_for(f"http://{host}:{port}")
        server.stop()


@pytest.fixture
def aws_environment(aws_variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, for code in this process and for what it starts."""
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in aws_variables.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def s3(aws_variables: dict[str, str]) -> S3Client:
    import boto3

    session = boto3.session.Session("testing", "testing", region_name=REGION)
    return session.client("s3", endpoint_url=aws_variables["AWS_ENDPOINT_URL"])


@pytest.fixture
def bucket(s3: S3Client) -> str:
    """A new, empty bucket."""
    name = f"despliegue-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def versioned_bucket(s3: S3Client, bucket: str) -> str:
    """A new, empty bucket that keeps what is overwritten or deleted, as that of a registry does."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


@pytest.fixture
def predictions_table(aws_environment: None) -> str:
    """A new, empty table of predictions."""
    import boto3

    from tools.predictions_table import create_predictions_table

    return create_predictions_table(boto3.client("dynamodb"))


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """Every test that asks for it runs on each kind of storage."""
    from functions.aws.s3_storage import S3Storage
    from functions.core.local_storage import LocalStorage

    if request.param == "folder":
        return LocalStorage(tmp_path / "objects")
    return S3Storage(
        request.getfixturevalue("bucket"), "some/prefix", environment=request.getfixturevalue("aws_variables")
    )


@pytest.fixture(scope="session")
def publish() -> Callable[..., Manifest]:
    """publish(registry, leave=0.25): a version of churn that gives everybody that probability of leaving."""
    from functions.core.clock import now
    from functions.core.manifest import Manifest, TrainingData
    from functions.core.model_folder import load_definition

    churn = load_definition(CHURN)

    def publish_version(registry: Registry, *, leave: float = 0.25, version: int | None = None) -> Manifest:
        manifest = Manifest(
            model=churn.name,
            version=version or registry.claim(churn.name),
            task=churn.task,
            created=now(),
            definition_digest=churn.digest,
            schema=churn.schema,
            labels=("no", "yes"),
            limits=churn.limits,
            metrics={"roc_auc": 0.8},
            args=churn.args,
            data=TrainingData("0" * 64, now(), 80, 20, "replace"),
            parity={},
            libraries={},
            example=churn.examples[0],
        )
        return registry.publish(manifest, {"model.onnx": _constant_graph(leave), "performance.json": b"{}"})

    return publish_version


def _constant_graph(leave: float) -> bytes:
    """The interface of a classification graph; its inputs count only for their number of rows."""
    from onnx import TensorProto, helper

    nodes = [
        helper.make_node("Shape", ["numbers"], ["rows"], start=0, end=1),
        helper.make_node("Concat", ["rows", "two"], ["shape"], axis=0),
        helper.make_node("Expand", ["scores", "shape"], ["probabilities"]),
        helper.make_node("ArgMax", ["probabilities"], ["label"], axis=1, keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "constant",
        [
            helper.make_tensor_value_info("strings", TensorProto.STRING, [None, None]),
            helper.make_tensor_value_info("numbers", TensorProto.DOUBLE, [None, None]),
        ],
        [
            helper.make_tensor_value_info("label", TensorProto.INT64, [None]),
            helper.make_tensor_value_info("probabilities", TensorProto.DOUBLE, [None, 2]),
        ],
        initializer=[
            helper.make_tensor("two", TensorProto.INT64, [1], [2]),
            helper.make_tensor("scores", TensorProto.DOUBLE, [1, 2], [1 - leave, leave]),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    return bytes(model.SerializeToString())
