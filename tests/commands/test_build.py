"""despliegue build, with real trainings in processes of their own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from functions.core.model_folder import load_definition
from functions.core.registry import Registry
from functions.core.storage import Storage
from functions.core.version_folder import bake
from functions.local.home import Home
from functions.serving.promotion import import_and_promote
from model_export.training import TrainingRun, train
from model_export.training_files.rows import read_rows

Command = Callable[..., Any]


@pytest.fixture
def texts(tmp_path: Path, root: Path) -> Path:
    """A models folder with project-tags, whose joblib holds words."""
    shutil.copytree(root / "models" / "project-tags", tmp_path / "texts" / "project-tags")
    return tmp_path / "texts"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_builds_of_a_checkout_are_the_same_bytes(
    command: Command, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("first", "second"):
        monkeypatch.setenv("PYTHONHASHSEED", str(len(name)))
        assert command("build", "--models", texts, "--out", tmp_path / name).status == 0
    assert contents(tmp_path / "first") == contents(tmp_path / "second")
    assert "versions/project-tags/model.joblib" in contents(tmp_path / "first")


def test_a_version_built_from_a_sample_can_be_imported_and_extended(
    command: Command, texts: Path, tmp_path: Path, storage: Storage
) -> None:
    done = command("build", "--models", texts, "--out", tmp_path / "build")
    assert done.status == 0
    assert "bytes for the inference image" in done.out
    registry = Registry(storage)
    import_and_promote(registry, "project-tags", tmp_path / "build" / "versions" / "project-tags")
    definition = load_definition(texts / "project-tags")
    sample = definition.folder / "sample.csv"
    table = read_rows(sample.read_bytes(), sample.name, definition).table
    new = {name: values[:30] for name, values in table.items()}
    result = train(registry, TrainingRun(definition=definition, table=new, mode="extend"))
    assert result.version == 2
    assert sum(result.rows.values()) == len(table["text"]) + 30


def test_the_versions_in_production_are_taken_and_nothing_is_trained(
    command: Command, home: Home, tmp_path: Path
) -> None:
    done = command("build", "--from", home.root / "registry", "--out", tmp_path / "build")
    assert done.status == 0
    assert f"churn: version 1, which is in production in {home.root / 'registry'};" in done.out
    manifest = home.registry.manifest("churn", 1)
    assert (tmp_path / "build" / "versions" / "churn" / "manifest.json").read_bytes() == manifest.to_json()
    assert manifest.data is not None
    assert (tmp_path / "build" / "versions" / "churn" / "data" / manifest.data.digest).is_file()
    assert (tmp_path / "build" / "versions" / "churn" / "model.joblib").is_file()


@pytest.fixture
def baked(home: Home, root: Path, tmp_path: Path) -> Path:
    """A models folder with churn, which comes with a version, so that nothing is trained."""
    shutil.copytree(root / "models" / "churn", tmp_path / "baked" / "churn")
    bake(home.registry, home.registry.manifest("churn", 1), tmp_path / "baked" / "churn")
    return tmp_path / "baked"


def test_what_is_served_here_is_what_is_built(command: Command, home: Home, baked: Path, tmp_path: Path) -> None:
    done = command("build", "--models", baked, "--out", tmp_path / "build")
    assert done.status == 0
    assert f"churn: version 1, which is in production in {home.root / 'registry'};" in done.out


def test_a_build_may_take_the_checkout_alone(command: Command, home: Home, baked: Path, tmp_path: Path) -> None:
    done = command("build", "--models", baked, "--out", tmp_path / "build", "--checkout")
    assert "churn: the version that comes with its folder;" in done.out
    assert command("build", "--checkout", "--from", home.root / "registry").status == 2


def test_a_machine_without_a_registry_builds_the_checkout(
    command: Command, baked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESPLIEGUE_HOME", str(tmp_path / "none"))
    done = command("build", "--models", baked, "--out", tmp_path / "build")
    assert (done.status, "churn: the version that comes with its folder;" in done.out) == (0, True)
    assert not (tmp_path / "none").exists()


def test_a_registry_that_is_not_there_is_reported_and_not_taken_for_an_empty_one(
    command: Command, tmp_path: Path
) -> None:
    done = command("build", "--from", tmp_path / "no", "--out", tmp_path / "build")
    assert (done.status, done.err) == (1, f"despliegue: --from {tmp_path / 'no'}: no such folder\n")
    assert not (tmp_path / "build").exists()


def test_a_bucket_that_cannot_be_listed_is_reported(command: Command, tmp_path: Path, aws_environment: None) -> None:
    done = command("build", "--from", "s3://despliegue-no-such-bucket", "--out", tmp_path / "build")
    assert done.status == 1
    assert "NoSuchBucket" in done.err
    assert not (tmp_path / "build").exists()


def test_a_sample_that_gives_no_version_fails_the_build_with_its_reason(
    command: Command, texts: Path, tmp_path: Path
) -> None:
    path = texts / "project-tags" / "sample.csv"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:5]))
    assert command("build", "--models", texts, "--out", tmp_path / "build").status == 1
    assert not (tmp_path / "build").exists()
