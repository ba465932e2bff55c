"""The layers of the project: the imports that each package may have, read from the source."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions import VERSION

ROOT = Path(__file__).resolve().parents[1]
OURS = ("functions", "model_export", "infra", "models", "tools", "benchmarks")
FILES = sorted(path for package in OURS for path in (ROOT / package).rglob("*.py"))
ANYONE = {"functions"}  # SERVICE and VERSION
AWS_SDK = {"boto3", "botocore", "obstore"}
TRAINING = {
    "sklearn",
    "skl2onnx",
    "joblib",
    "pandas",
    "onnx",
    "torch",
    "transformers",
    "optimum",
    "huggingface_hub",
    "matplotlib",
}
HEAVY = {"fastapi", "starlette", "pydantic", "onnxruntime", "numpy"} | AWS_SDK | TRAINING

CHECKPOINTS = {"functions.core", "functions.predictors", "model_export.checkpoints", "model_export.progress"}
ALLOWED = {
    "functions": set[str](),
    "functions.core": {"functions.core"},
    "functions.predictors": {"functions.core", "functions.predictors"},
    "functions.aws": {"functions.core", "functions.aws"},
    "functions.serving": {"functions.core", "functions.predictors", "functions.serving"},
    "functions.batches": {"functions.core", "functions.predictors", "functions.serving", "functions.batches"},
    "functions.inference": {"functions.core", "functions.predictors", "functions.serving", "functions.inference"},
    "functions.inference.control": {"functions.core", "functions.inference"},
    "functions.authorizer": {"functions.core", "functions.aws", "functions.authorizer"},
    "functions.trainer": {"functions.core", "functions.aws", "functions.trainer", "model_export"},
    # It opens what it imports by the code that serves it, asks the gate, and trains nothing.
    "functions.importer": {
        "functions.core",
        "functions.aws",
        "functions.serving",
        "functions.importer",
        "model_export",
    },
    "functions.webhook": {"functions.core", "functions.aws", "functions.webhook"},
    "functions.pruner": {"functions.core", "functions.aws", "functions.pruner"},
    "functions.batch_worker": {
        "functions.core",
        "functions.aws",
        "functions.predictors",
        "functions.serving",
        "functions.batches",
        "functions.batch_worker",
    },
    # In the training image, and asked by the same state machine.
    "functions.batch_stages": {
        "functions.core",
        "functions.aws",
        "functions.batches",
        "functions.batch_stages",
        "model_export",
    },
    "functions.local": {"functions", "model_export"},
    "model_export": {"functions.core", "functions.predictors", "functions.serving", "model_export"},
    # Its outputs have the form of those that workers write.
    "model_export.batch_files": {"functions.core", "functions.batches", "model_export"},
    # What checkpoints of all tasks share knows none of the tasks, and no task knows another.
    "model_export.checkpoints": CHECKPOINTS,
    "model_export.question_answering": CHECKPOINTS | {"model_export.question_answering"},
    "model_export.text_classification": CHECKPOINTS | {"model_export.text_classification"},
    "model_export.commands": {"functions", "model_export"},
    "infra": {
        "functions.core.base_path",
        "functions.core.definition",
        "functions.core.environment",
        "functions.core.documents",  # a CDK context comes from outside, as a model.toml does, and is read by the same
        "functions.core.model_folder",
        "functions.core.other_origins",
        "functions.core.routes",
        "functions.core.tasks",
        "functions.core.tokens",
        "functions.core.errors",
        "functions.core.version_folder",
        "functions.core.webhook_address",
        "infra",
    },
}
"""The modules of the project that each package may import; the most particular package decides."""
ON_AWS = re.compile(r"functions\.inference\.\w+_handler")
"""The modules of functions.inference that put it on AWS, and know it."""


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(source: str) -> Iterator[str]:
    """Every module that the source imports, wherever in it; `from a import b` is a.b if that is a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if is_module(inner) else str(node.module)


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or path.is_dir()


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def package_of(module: str) -> str | None:
    """The most particular package with a rule of its own."""
    return max((package for package in ALLOWED if within(module, package)), key=len, default=None)


def breaches(module: str, imported: str) -> bool:
    """Return True if the rules forbid the import of one module of the project by another."""
    if within(imported, "model_export.commands") and not within(module, "model_export.commands"):
        return True
    if any(within(imported, apart) and not within(module, apart) for apart in ("infra", "zoo")):
        return True
    package = package_of(module)
    if package is None or imported in ANYONE:
        return False
    allowed = ALLOWED[package] | ({"functions.aws"} if ON_AWS.fullmatch(module) else set())
    return not any(within(imported, one) for one in allowed)


IMPORTS = sorted({(module_of(path), imported) for path in FILES for imported in imports_of(path.read_text("utf-8"))})


def found(*, by: str | tuple[str, ...], of: set[str]) -> list[tuple[str, str]]:
    """Imports of outside packages by some of ours."""
    packages = (by,) if isinstance(by, str) else by
    return [
        (module, imported)
        for module, imported in IMPORTS
        if imported.split(".")[0] in of and any(within(module, package) for package in packages)
    ]


def test_the_packages_are_where_the_rules_look() -> None:
    modules = {module_of(path) for path in FILES}
    assert ALLOWED.keys() <= modules
    assert ("functions.core.jobs", "functions.core.storage") in IMPORTS


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_a_package_imports_only_what_its_layer_may(package: str) -> None:
    ours = [(module, imported) for module, imported in IMPORTS if imported.split(".")[0] in OURS]
    assert [one for one in ours if package_of(one[0]) == package and breaches(*one)] == []


def test_nobody_imports_the_command_line_or_the_infrastructure() -> None:
    outside = [one for one in IMPORTS if package_of(one[0]) is None]
    assert [one for one in outside if breaches(*one)] == []


def test_nobody_imports_the_zoo() -> None:
    assert [one for one in IMPORTS if within(one[1], "zoo")] == []
    for path in (ROOT / "tests").rglob("*.py"):
        assert not any(within(imported, "zoo") for imported in imports_of(path.read_text("utf-8"))), path


def test_what_the_zoo_imports_is_there_and_has_ci_check_the_zoo() -> None:
    """The zoo is in nobody's tests: a module that it imports is moved or renamed in the zoo too, which this recalls."""
    watched = (ROOT / ".ci" / "zoo.paths").read_text("utf-8").split()
    sources = [path.read_text("utf-8") for path in (ROOT / "zoo").rglob("*.py")]
    imported = {module for source in sources for module in imports_of(source) if module.split(".")[0] in OURS}
    assert imported
    for module in imported:
        path = module.replace(".", "/")
        assert is_module(module), f"the zoo imports {module}, which is not there"
        assert any(f"{path}.py" == one or f"{path}/".startswith(f"{one}/") for one in watched), module


def test_the_core_is_free_of_frameworks_and_of_the_cloud() -> None:
    assert found(by="functions.core", of=HEAVY) == []


def test_serving_never_loads_the_training_libraries() -> None:
    serving = (
        "functions.core",
        "functions.predictors",
        "functions.aws",
        "functions.batches",
        "functions.inference",
        "functions.authorizer",
        "functions.importer",
        "functions.batches",
        "functions.batch_worker",
    )
    assert found(by=serving, of=TRAINING) == []


def test_the_authorizer_loads_no_framework_and_nothing_that_serves() -> None:
    """The modules that it really loads are checked in tests/authorizer."""
    assert found(by="functions.authorizer", of=HEAVY) == []


def test_only_functions_aws_speaks_to_aws() -> None:
    users = found(by=OURS, of=AWS_SDK)
    assert users
    assert [one for one in users if not within(one[0], "functions.aws")] == []


CLIENT = ROOT / "client" / "src"
SHELLS = {"thread_shell", "loop_shell", "client", "async_client", "sending"}
"""The modules of the client that know its HTTP library."""


@pytest.mark.parametrize("path", sorted(CLIENT.rglob("*.py")), ids=lambda path: path.stem)
def test_the_client_needs_httpx_alone_and_only_in_its_shells(path: Path) -> None:
    tops = {imported.partition(".")[0] for imported in imports_of(path.read_text("utf-8"))}
    foreign = tops - set(sys.stdlib_module_names) - {"despliegue_client"}
    # pandas is imported for a caller who has handed over one of its frames
    assert foreign == ({"httpx"} if path.stem in SHELLS else {"pandas"} if path.stem == "tables" else set())


def test_the_client_has_the_version_of_the_project() -> None:
    project = tomllib.loads((ROOT / "client" / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == VERSION
    assert [one.partition(">")[0] for one in project["dependencies"]] == ["httpx"]


@pytest.mark.parametrize(
    ("module", "imported", "forbidden"),
    [
        ("functions.core.jobs", "functions.core.clock", False),
        ("functions.core.jobs", "functions", False),
        ("functions.core.jobs", "functions.predictors", True),
        ("functions.core.jobs", "model_export.training_files.rows", True),
        ("functions.serving.production", "functions.aws", True),
        ("functions.batches.planning", "functions.serving.version", False),
        ("functions.batches.rows", "model_export.training_files.rows", True),
        ("functions.batches.runner", "functions.local.batch_pool", True),
        ("functions.aws.s3_storage", "functions.core.storage", False),
        ("functions.aws.s3_storage", "functions.inference.json_body", True),
        ("functions.inference.json_body", "functions.aws.settings", True),
        ("functions.inference.control.training", "functions.serving.production", True),
        ("functions.inference.control_handler", "functions.aws.client", False),
        ("functions.inference.control_handler", "model_export", True),
        ("functions.authorizer.handler", "functions.aws.secrets", False),
        ("functions.authorizer.handler", "functions.inference.json_body", True),
        ("functions.authorizer.handler", "functions.predictors", True),
        ("functions.trainer.worker", "model_export.training", False),
        ("functions.trainer.worker", "functions.inference.json_body", True),
        ("functions.importer.handler", "functions.serving.promotion", False),
        ("functions.importer.handler", "model_export.checkout_gate", False),
        ("functions.importer.handler", "functions.trainer.worker", True),
        ("functions.core.version_folder", "functions.serving.promotion", True),
        ("functions.local.server", "functions.inference.application", False),
        ("functions.local.server", "model_export.commands.main", True),
        ("model_export.training_files.rows", "functions.aws", True),
        ("model_export.training_files.rows", "model_export.commands", True),
        ("model_export.commands.main", "functions.local.server", False),
        ("model_export.question_answering.parity", "model_export.checkpoints.logits", False),
        ("model_export.checkpoints.proof", "model_export.question_answering.parity", True),
        ("model_export.text_classification.label_parity", "model_export.question_answering.parity", True),
        ("infra.stack", "functions.core.routes", False),
        ("infra.stack", "functions.core.registry", True),
        ("functions.local.server", "infra.stack", True),
        ("tools.serving", "infra.stack", True),
        ("tools.serving", "zoo.draws", True),
        ("functions.core.jobs", "zoo.draws", True),
        ("models.churn.pipeline", "model_export.commands", True),
    ],
)
def test_the_rules_say_what_they_mean(module: str, imported: str, forbidden: bool) -> None:
    assert breaches(module, imported) is forbidden


def test_imports_are_found_wherever_they_stand() -> None:
    source = "import a.b\nfrom functions import core, VERSION\ndef f():\n    if True:\n        from c.d import e\n"
    assert sorted(imports_of(source)) == ["a.b", "c.d", "functions", "functions.core"]


def test_no_file_names_a_package_registry() -> None:
    """Packages come from wherever the user's own configuration points."""
    hosts = ["pypi" + ".org", "python" + "hosted", "npm" + "js"]
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("git lists the files of the project, and this is no git checkout")
    command = [git, "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, capture_output=True).stdout.decode().split("\0")
    files = [ROOT / name for name in names if name and (ROOT / name).is_file()]
    assert ROOT / "pyproject.toml" in files
    naming = [(str(path), host) for path in files for host in hosts if host.encode() in path.read_bytes().lower()]
    assert naming == []
