"""A first version, trained in a process of its own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from functions.core.local_storage import LocalStorage
from functions.core.model_folder import SAMPLE, load_definition
from functions.core.registry import Registry
from functions.local.home import Home
from model_export.commands.first_version import fill_absent, train_on_sample


@pytest.fixture
def folder(root: Path, tmp_path: Path) -> Path:
    """A model folder that may be changed."""
    return shutil.copytree(root / "models" / "churn", tmp_path / "models" / "churn")


@pytest.fixture
def environment(root: Path, tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(root), "DESPLIEGUE_HOME": str(tmp_path / "home")}


def test_a_version_goes_to_the_registry_that_is_named(
    folder: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    assert train_on_sample(load_definition(folder), environment, tmp_path / "registry")
    assert Registry(LocalStorage(tmp_path / "registry")).versions("churn") == [1]
    assert not (tmp_path / "home").exists()


def test_a_sample_that_cannot_be_learned_from_gives_none_and_its_reason(
    folder: Path, environment: dict[str, str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / SAMPLE).write_text("colour\nred\n", encoding="utf-8")
    assert not train_on_sample(load_definition(folder), environment)
    assert 'column "churn": the file has no such column; it has colour' in capfd.readouterr().err
    assert Home(tmp_path / "home").registry.versions("churn") == []


def test_a_quiet_training_prints_nothing_unless_it_fails(
    folder: Path, environment: dict[str, str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert train_on_sample(load_definition(folder), environment, is_quiet=True)
    assert capfd.readouterr() == ("", "")
    (folder / SAMPLE).write_text("colour\nred\n", encoding="utf-8")
    assert not train_on_sample(load_definition(folder), environment, is_quiet=True)
    assert 'column "churn": the file has no such column; it has colour' in capfd.readouterr().err


def test_models_without_a_version_get_one_with_a_line_each(
    folder: Path,
    environment: dict[str, str],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    home = Home(tmp_path / "home")
    for _ in range(2):  # the second time there is nothing to do
        fill_absent(home, {"churn": load_definition(folder)}, is_quiet=True)
    (line,) = capfd.readouterr().out.splitlines()
    assert line.startswith("churn: nothing in production yet, training on its sample ... version 1: accuracy 0.")
