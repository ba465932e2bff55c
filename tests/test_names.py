"""The shape of the tree: a test file for every module, and one module for every public name."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.selection import NEEDS, SLOW, TOGETHER

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("functions", "model_export", "infra")
CLIENT = "client/src/despliegue_client"
"""A distribution of its own, whose names need not differ from those of the product."""


def _modules(*packages: str) -> list[Path]:
    return sorted(path for one in packages for path in (ROOT / one).rglob("*.py") if path.name != "__init__.py")


MODULES = _modules(*PRODUCT, CLIENT)
SHARED = {
    "add_parser": "every command of model_export/commands",
    "add_parsers": "every module of several commands",
    "run": "every command, and the laptop's server",
    "handler": "every Lambda function",
    "main": "every program",
    "routes": "every protocol",
    "operations": "every protocol",
    "Production": "the record in the registry, and its shape in answers",
}
"""Names that several modules have because somebody looks them up there."""


def mirror_of(module: Path) -> Path:
    """tests/core/test_jobs.py for functions/core/jobs.py; model_export keeps its name, but for the commands."""
    if module.is_relative_to(ROOT / CLIENT):
        return ROOT / "tests" / "client" / f"test_{module.stem}.py"
    package = list(module.relative_to(ROOT).parent.parts)
    if package[0] == "functions" or package[:2] == ["model_export", "commands"]:
        package = package[1:]
    return ROOT.joinpath("tests", *package, f"test_{module.stem}.py")


def public_names(module: Path) -> Iterator[str]:
    """The classes and functions of a module that others may import."""
    for node in ast.parse(module.read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node.name


def test_every_module_has_a_mirror_of_its_name() -> None:
    lacking = [module.relative_to(ROOT).as_posix() for module in MODULES if not mirror_of(module).is_file()]
    assert lacking == []


def test_the_mirror_of_a_module_mirrors_its_place() -> None:
    assert mirror_of(ROOT / "functions/core/jobs.py") == ROOT / "tests/core/test_jobs.py"
    assert mirror_of(ROOT / "model_export/commands/new.py") == ROOT / "tests/commands/test_new.py"
    assert mirror_of(ROOT / "model_export/gate.py") == ROOT / "tests/model_export/test_gate.py"
    assert mirror_of(ROOT / CLIENT / "parts.py") == ROOT / "tests/client/test_parts.py"


def test_a_test_that_is_selected_by_its_path_is_there() -> None:
    assert [path for path in (*SLOW, *NEEDS, *TOGETHER) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("packages", [PRODUCT, (CLIENT,)])
def test_a_public_name_means_one_thing(packages: tuple[str, ...]) -> None:
    homes: dict[str, list[str]] = defaultdict(list)
    for module in _modules(*packages):
        for name in public_names(module):
            homes[name].append(module.relative_to(ROOT).as_posix())
    assert {name: found for name, found in homes.items() if len(found) > 1 and name not in SHARED} == {}
