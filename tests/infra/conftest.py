"""One stack for most tests, of three small invented models, and one with every option on; each synthesised once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from infra.app import build_app

PROJECT = Path(__file__).resolve().parents[2]
STACK = "despliegue-prod"
MODEL = """
name = "{name}"
task = "tabular-regression"
[target]
name = "price"
type = "number"
[features.size]
type = "number"
"""
ANSWERS = 'name = "answers"\ntask = "question-answering"\nretrainable = false\nhub_id = "Own/er.s"\n'
QUICK = "[function]\nsnap_start = true\nreserved_concurrency = 3\nfreshness_seconds = 2.5\n"
OPTIONS = {
    "stage": "trial",
    "removal": "destroy",
    "platform": "linux/arm64",
    "base_image": "localhost/base",
    "image_cache": "gha",
    "upload_days": "3",
    "batch_days": "5",
    "batch_concurrency": "4",
    "log_days": "7",
    "budget_usd": "50",
    "tracing": "on",
    "promote": "gate",
    "throttle_rate": "5",
    "throttle_burst": "9",
    "cors_origins": "https://www.example.com,http://localhost:3000",
    "alarm_email": "operator@example.com",
    "base_path": "/ml/v1",
    "domain_name": "api.example.com",
    "certificate_arn": "arn:aws:acm:eu-west-1:123456789012:certificate/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
    "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
    "default_endpoint": "closed",
    "deployment": "all-at-once",
    "webhook_url": "https://example.com/hook?team=ml",
    "keep_versions": "20",
    "keep_production_days": "60",
    "keep_job_days": "90",
    "keep_batch_days": "120",
    "keep_data_days": "365",
}
FUNCTIONS = {"fast": "", "slow-one": "[function]\nmemory_mb = 2048\ntimeout_seconds = 12\n"}
FILES = (
    "README.md",
    "tests/test_something.py",
    "requirements/inference.txt",
    "requirements/local.txt",
    "requirements/of_models.py",
    "requirements/test.txt",
    "requirements/training.txt",
    "functions/code.py",
    "functions/local/code.py",
    "functions/trainer/code.py",
    "functions/__pycache__/code.pyc",
    "functions/.hidden",
    "model_export/code.py",
    "models/answers/baked/model.onnx",
    "models/fast/sample.csv",
    "build/artifacts/0123abcd",
    "build/versions/fast/manifest.json",
)
BAKED_DIGEST = "89abcdef"

Json = dict[str, Any]
Synth = Callable[..., Json]


def write_model(root: Path, name: str, text: str, examples: str) -> None:
    folder = root / "models" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.toml").write_text(text, encoding="utf-8")
    (folder / "examples.json").write_text(examples, encoding="utf-8")


@pytest.fixture(scope="session")
def write_project() -> Callable[[Path], Path]:
    """A writer of a small project into an empty folder, which it returns."""

    def write(root: Path) -> Path:
        for name in ("Dockerfile.lambda", ".dockerignore"):
            shutil.copy(PROJECT / name, root / name)
        for name in FILES:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(f"# {name}\n", encoding="utf-8")
        (root / "build" / "build.json").write_text(json.dumps({"digest": BAKED_DIGEST}), encoding="utf-8")
        for name, function in FUNCTIONS.items():
            write_model(root, name, MODEL.format(name=name) + function, '[{"size": 1.5}]')
        write_model(root, "answers", ANSWERS, '[{"question": "Who?", "context": "Somebody."}]')
        return root

    return write


@pytest.fixture(scope="session")
def synth(tmp_path_factory: pytest.TempPathFactory) -> Synth:
    """A call that synthesises the project in a folder with a context: the stack's template and its asset manifest."""

    def run(root: Path, **context: str) -> Json:
        outdir = tmp_path_factory.mktemp("cdk.out")
        build_app(root, context=context, outdir=outdir).synth()
        (template,) = outdir.glob("*.template.json")
        (assets,) = outdir.glob("*.assets.json")
        return {
            "outdir": outdir,
            "path": template,
            "template": json.loads(template.read_text(encoding="utf-8")),
            "images": list(json.loads(assets.read_text(encoding="utf-8"))["dockerImages"].items()),
        }

    return run


@pytest.fixture(scope="session")
def synthesized(tmp_path_factory: pytest.TempPathFactory, write_project: Callable[[Path], Path], synth: Synth) -> Json:
    return synth(write_project(tmp_path_factory.mktemp("project")))


@pytest.fixture(scope="session")
def optional(tmp_path_factory: pytest.TempPathFactory, write_project: Callable[[Path], Path], synth: Synth) -> Json:
    """The same with a model `quick`, which asks for all that [function] offers, and every context value set."""
    root = write_project(tmp_path_factory.mktemp("project"))
    write_model(root, "quick", MODEL.format(name="quick") + QUICK, '[{"size": 1.5}]')
    return synth(root, **OPTIONS)


@pytest.fixture(scope="session")
def optional_resources(optional: Json) -> Callable[[str], Json]:
    return lambda kind: _of_type(optional["template"], kind)


@pytest.fixture(scope="session")
def own_resources(tmp_path_factory: pytest.TempPathFactory) -> list[Json]:
    """The resources that the program synthesises for a copy of this project with a file that a build would write."""
    folder, outdir = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("cdk.out")
    for name in ("infra", "functions", "models"):
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "baked"))
    for name in ("Dockerfile.lambda", ".dockerignore"):
        shutil.copy(PROJECT / name, folder / name)
    (folder / "build").mkdir()
    (folder / "build" / "build.json").write_text('{"digest": "0123"}', encoding="utf-8")
    environment = {**os.environ, "CDK_OUTDIR": str(outdir), "CDK_CONTEXT_JSON": '{"stage": "trial"}'}
    subprocess.run([sys.executable, "-m", "infra.app"], cwd=folder, env=environment, check=True)
    template = json.loads((outdir / "despliegue-trial.template.json").read_text(encoding="utf-8"))
    return list(template["Resources"].values())


@pytest.fixture(scope="session")
def template(synthesized: Json) -> Json:
    result: Json = synthesized["template"]
    return result


@pytest.fixture(scope="session")
def resources(template: Json) -> Callable[[str], Json]:
    """Resources of a type, by logical id."""

    return lambda kind: _of_type(template, kind)


@pytest.fixture(scope="session")
def functions(resources: Callable[[str], Json]) -> Json:
    """Properties of each function by its service name, with its logical id as `LogicalId`."""
    return {
        one["Properties"]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]: {
            **one["Properties"],
            "LogicalId": key,
        }
        for key, one in resources("AWS::Lambda::Function").items()
    }


@pytest.fixture(scope="session")
def buckets(template: Json) -> dict[str, str]:
    """Logical ids of the two buckets, as the outputs name them."""
    outputs = template["Outputs"]
    return {
        "registry": outputs["RegistryBucket"]["Value"]["Ref"],
        "uploads": outputs["UploadBucket"]["Value"]["Ref"],
    }


@pytest.fixture(scope="session")
def machines(resources: Callable[[str], Json]) -> dict[str, str]:
    """The logical ids of the two state machines, by the construct that has them."""
    names = list(resources("AWS::StepFunctions::StateMachine"))
    assert len(names) == 2
    return {start: next(one for one in names if one.startswith(start)) for start in ("Pings", "Batches")}


@pytest.fixture(scope="session")
def queues(resources: Callable[[str], Json]) -> dict[str, str]:
    """The logical ids of the two queues that functions read, by the construct that has them."""
    names = [key for key, one in resources("AWS::SQS::Queue").items() if "RedrivePolicy" in one["Properties"]]
    assert len(names) == 2
    return {start: next(one for one in names if one.startswith(start)) for start in ("Training", "Batches")}


@pytest.fixture(scope="session")
def statements(functions: Json, resources: Callable[[str], Json]) -> dict[str, list[Json]]:
    """All statements of each function's role; actions and resources as lists of text."""

    def of_role(role: str) -> list[Json]:
        return [
            {**one, "Action": _many(one["Action"]), "Resource": [_arn(arn) for arn in _many(one["Resource"])]}
            for policy in resources("AWS::IAM::Role")[role]["Properties"]["Policies"]
            for one in policy["PolicyDocument"]["Statement"]
        ]

    return {name: of_role(one["Role"]["Fn::GetAtt"][0]) for name, one in functions.items()}


@pytest.fixture(scope="session")
def live(functions: Json, resources: Callable[[str], Json]) -> dict[str, str]:
    """The logical id of each function's alias by its service name."""
    names = {one["LogicalId"]: name for name, one in functions.items()}
    return {
        names[one["Properties"]["FunctionName"]["Ref"]]: key for key, one in resources("AWS::Lambda::Alias").items()
    }


@pytest.fixture(scope="session")
def allows(statements: dict[str, list[Json]]) -> Callable[..., bool]:
    """A judge of a function, an action and an ARN by the rules of IAM: an explicit allow is needed, and a deny wins.

    `prefix` is the one of a ListBucket.
    """

    def decide(function: str, action: str, arn: str, prefix: str = "") -> bool:
        effects = {
            one["Effect"]
            for one in statements[function]
            if any(fnmatchcase(action, pattern) for pattern in one["Action"])
            and any(fnmatchcase(arn, pattern) for pattern in one["Resource"])
            and _holds(one.get("Condition"), prefix)
        }
        return effects == {"Allow"}

    return decide


@pytest.fixture(scope="session")
def may(allows: Callable[..., bool], buckets: dict[str, str]) -> Callable[[str, str, str, str], bool]:
    """A judge of a function, an action, a bucket and a key; the key of a ListBucket is the prefix."""

    def decide(function: str, action: str, bucket: str, key: str) -> bool:
        arn = buckets[bucket] if action == "s3:ListBucket" else f"{buckets[bucket]}/{key}"
        return allows(function, action, arn, key)

    return decide


def _of_type(template: Json, kind: str) -> Json:
    return {key: one for key, one in template["Resources"].items() if one["Type"] == kind}


def _holds(condition: Json | None, prefix: str) -> bool:
    if condition is None:
        return True
    assert list(condition) == ["StringLike"], condition
    assert list(condition["StringLike"]) == ["s3:prefix"], condition
    return any(fnmatchcase(prefix, pattern) for pattern in _many(condition["StringLike"]["s3:prefix"]))


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _arn(value: Any) -> str:
    """An ARN as text, in which the logical id replaces the ARN of its resource."""
    if isinstance(value, str):
        return value
    if "Ref" in value:
        return str(value["Ref"])
    if "Fn::GetAtt" in value:
        return str(value["Fn::GetAtt"][0])
    separator, parts = value["Fn::Join"]
    return str(separator).join(_arn(part) for part in parts)
