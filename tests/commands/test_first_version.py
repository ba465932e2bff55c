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
from model_export.commands.first_version import train_on_sample


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
    assert "file.churn: the file has no such column; it has colour" in capfd.readouterr().err
    assert Home(tmp_path / "home").registry.versions("churn") == []
