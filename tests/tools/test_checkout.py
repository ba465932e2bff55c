"""Commands and handlers of a checkout, read from its own files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools.checkout import HERE, Checkout

PYPROJECT = '[project]\n[project.scripts]\ndespliegue = "somewhere.else:start"\n'
PREDICT = "functions.serving.predict.handler"
TRAINER = "functions.trainer.handler.handler"
IMPORTER = "functions.importer.handler.handler"


def checkout_with(folder: Path, *handlers: str) -> Checkout:
    (folder / "infra").mkdir()
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "infra" / "all.py").write_text("\n".join(f'ONE = "{name}"' for name in handlers))
    return Checkout(folder, "python3")


def test_the_command_of_this_checkout_runs() -> None:
    done = subprocess.run(
        HERE.command("--version"), env=HERE.environment, cwd=HERE.root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip()


def test_the_command_is_what_pyproject_names(tmp_path: Path) -> None:
    command = checkout_with(tmp_path).command("serve")
    assert command[0] == "python3"
    assert "from somewhere.else import start" in command[2]
    assert command[3:] == ["serve"]


def test_every_function_of_this_checkout_has_its_handler() -> None:
    assert HERE.handlers().keys() == {"predict", "control", "authorizer", "importer", "trainer"}


def test_an_importer_in_the_trainers_package_is_not_taken_for_the_trainer(tmp_path: Path) -> None:
    names = ("functions.a.control.handler", "functions.authorizer.handler", PREDICT, TRAINER, IMPORTER)
    found = checkout_with(tmp_path, *names).handlers()
    assert (found["trainer"], found["importer"]) == (TRAINER, IMPORTER)


def test_a_handler_that_is_not_found_is_named(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match=r"control.*functions\.serving\.predict\.handler"):
        checkout_with(tmp_path, PREDICT).handlers()
