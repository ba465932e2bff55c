"""Builds with a replaced training; the training itself is tested in tests/commands/test_build.py."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from functions.core import training_data
from functions.core.definition import Definition
from functions.core.errors import DamagedVersionError, DespliegueError, DiskError
from functions.core.local_storage import LocalStorage
from functions.core.manifest import Manifest, TrainingData
from functions.core.model_folder import SAMPLE, load_definitions
from functions.core.registry import Registry
from functions.core.version_folder import UNDATED, bake, import_version, read_version
from model_export.image_build import Build, BuildRequest, build, deciding_sources, folder_size_bytes
from tests.disks import Disk
from tests.test_layers import imports_of, module_of

Publish = Callable[..., Manifest]
TABLE = {"tenure": [1, 2], "churn": ["no", "yes"]}


class Trainer:
    """Replacement of the training: one version of churn, with a time that differs from call to call."""

    def __init__(self, publish: Publish) -> None:
        self.publish = publish
        self.trained: list[str] = []
        self.is_good = True

    def __call__(self, definition: Definition, path: Path) -> bool:
        self.trained.append(definition.name)
        registry = Registry(LocalStorage(path))
        if self.is_good:
            first = self.publish(registry)
            data = TrainingData(training_data.store(registry.storage, TABLE), first.created, 1, 1, "replace")
            files = {"model.onnx": registry.artifact(first, "model.onnx"), "model.joblib": b"x"}
            registry.publish(replace(first, version=registry.claim("churn"), data=data), files)
            registry.promote_now("churn", 2, actor="ana", pinned=False)
        return self.is_good


def test_what_training_imports_decides_what_a_build_trains_again(root: Path) -> None:
    """Fewer files would keep a version of older code in a build, more would train again for every help text."""
    reached: set[str] = set()
    waiting = ["model_export.training", "model_export.training_files.rows"]
    while waiting:
        module = waiting.pop()
        if module in reached or module.split(".")[0] not in ("functions", "model_export"):
            continue
        reached.add(module)
        path = root.joinpath(*module.split("."))
        source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        waiting += imports_of(source.read_text("utf-8"))
    deciding = {module_of(path) for path in deciding_sources()}
    packages = {module.rpartition(".")[0] for module in reached} | {"functions", "model_export"}
    assert reached - deciding <= packages
    assert {module.split(".")[1] for module in deciding if module.startswith("model_export.")} <= {
        module.split(".")[1] for module in reached if module.startswith("model_export.")
    }


@pytest.fixture
def train(publish: Publish) -> Trainer:
    return Trainer(publish)


@pytest.fixture
def models(tmp_path: Path, root: Path) -> Path:
    shutil.copytree(root / "models" / "churn", tmp_path / "models" / "churn")
    return tmp_path / "models"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "project" / "build"


@pytest.fixture
def wanted(models: Path, out: Path, train: Trainer) -> BuildRequest:
    return BuildRequest(definitions=load_definitions(models), out=out, train=train)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_build_holds_versions_for_the_importer_and_what_serving_reads_by_digest(
    wanted: BuildRequest, out: Path
) -> None:
    built = build(wanted)
    manifest = read_version(out / "versions" / "churn", "churn")
    assert manifest.data is not None
    graph = manifest.artifacts["model.onnx"].sha256
    assert set(contents(out)) == {
        "build.json",
        f"artifacts/{graph}",
        "versions/churn/manifest.json",
        "versions/churn/model.onnx",
        "versions/churn/model.joblib",
        f"versions/churn/data/{manifest.data.digest}",
    }
    assert json.loads((out / "build.json").read_bytes())["digest"] == built.digest
    assert folder_size_bytes(out) == (
        manifest.artifacts["model.onnx"].size_bytes,
        sum(len(body) for name, body in contents(out).items() if name.startswith("versions/")),
    )


def test_what_is_trained_has_no_time_so_that_two_builds_are_the_same_bytes(
    wanted: BuildRequest, out: Path, tmp_path: Path, train: Trainer
) -> None:
    build(wanted)
    build(replace(wanted, out=tmp_path / "other"))
    assert train.trained == ["churn", "churn"]
    assert contents(out) == contents(tmp_path / "other")
    manifest = read_version(out / "versions" / "churn", "churn")
    assert manifest.data is not None
    assert (manifest.created, manifest.data.time) == (UNDATED, UNDATED)


def test_nothing_is_trained_again_while_nothing_changes(wanted: BuildRequest, out: Path, train: Trainer) -> None:
    first, before = build(wanted), contents(out)
    assert build(wanted) == first
    assert contents(out) == before
    assert train.trained == ["churn"]


@pytest.mark.parametrize("name", ["sample.csv", "model.toml", "pipeline.py", "examples.json"])
def test_a_changed_file_of_the_model_trains_again(
    wanted: BuildRequest, models: Path, train: Trainer, name: str
) -> None:
    build(wanted)
    with (models / "churn" / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    build(replace(wanted, definitions=load_definitions(models)))
    assert train.trained == ["churn", "churn"]


@pytest.mark.skipif(os.name == "nt", reason="SKIPPED: Windows lets not everybody make links")
def test_the_lock_of_an_editor_which_is_a_link_to_nothing_is_no_file_of_the_model(
    wanted: BuildRequest, models: Path, train: Trainer
) -> None:
    build(wanted)
    (models / "churn" / ".#pipeline.py").symlink_to("ana@laptop.4711:1796")
    build(replace(wanted, definitions=load_definitions(models)))
    assert train.trained == ["churn"]


@pytest.mark.parametrize("name", ["build.json", "versions/churn/model.onnx", "versions/churn/manifest.json"])
def test_a_damaged_build_is_made_again(wanted: BuildRequest, out: Path, train: Trainer, name: str) -> None:
    build(wanted)
    before = contents(out)
    (out / name).write_bytes(b"{")
    build(wanted)
    assert contents(out) == before
    assert train.trained == ["churn", "churn"]


def test_the_version_in_production_goes_before_all_others(
    wanted: BuildRequest, out: Path, publish: Publish, tmp_path: Path, train: Trainer
) -> None:
    production = Registry(LocalStorage(tmp_path / "production"))
    publish(production, leave=0.1)
    published = publish(production, leave=0.75)
    production.promote_now("churn", 2, actor="ana", pinned=False)
    bake(production, production.manifest("churn", 1), wanted.definitions["churn"].folder)
    built = build(replace(wanted, production=production))
    assert built.models["churn"].origin == "production"
    assert read_version(out / "versions" / "churn", "churn") == published
    assert train.trained == []


def test_files_of_the_build_before_are_not_fetched_again(
    wanted: BuildRequest, publish: Publish, tmp_path: Path
) -> None:
    production = Registry(LocalStorage(tmp_path / "production"))
    publish(production)
    production.promote_now("churn", 1, actor="ana", pinned=False)
    first = build(replace(wanted, production=production))
    production.storage.delete("models/churn/versions/1/model.onnx")
    assert build(replace(wanted, production=production)) == first


def test_a_registry_without_production_leaves_the_version_of_the_folder(
    wanted: BuildRequest, out: Path, publish: Publish, tmp_path: Path, train: Trainer
) -> None:
    elsewhere = Registry(LocalStorage(tmp_path / "elsewhere"))
    published = publish(elsewhere)
    bake(elsewhere, published, wanted.definitions["churn"].folder)
    lines: list[str] = []
    empty = Registry(LocalStorage(tmp_path / "empty"))
    built = build(replace(wanted, production=empty, place="home/registry", report=lines.append))
    assert built.models["churn"].origin == "folder"
    assert lines[0].startswith(
        "churn: the version that comes with its folder (nothing in production in home/registry); "
    )
    assert read_version(out / "versions" / "churn", "churn") == published
    assert train.trained == []


def test_a_model_without_a_version_or_a_sample_is_reported_and_left_out(
    wanted: BuildRequest, models: Path, out: Path
) -> None:
    (models / "churn" / SAMPLE).unlink()
    lines: list[str] = []
    assert build(replace(wanted, report=lines.append)).models == {}
    assert lines == ["churn: no version: no baked/, no sample.csv"]
    assert contents(out).keys() == {"build.json"}
    assert (out / "artifacts").is_dir()
    assert (out / "versions").is_dir()


def test_the_digest_changes_with_any_byte_of_a_version(
    wanted: BuildRequest, publish: Publish, models: Path, tmp_path: Path
) -> None:
    digests = {build(wanted).digest}
    for leave in (0.1, 0.9):
        elsewhere = Registry(LocalStorage(tmp_path / str(leave)))
        bake(elsewhere, publish(elsewhere, leave=leave), models / "churn")
        digests.add(build(wanted).digest)
    assert len(digests) == 3


def test_a_training_that_fails_leaves_the_build_before(
    wanted: BuildRequest, out: Path, models: Path, train: Trainer
) -> None:
    build(wanted)
    before = contents(out)
    train.is_good = False
    (models / "churn" / "pipeline.py").write_text("", encoding="utf-8")
    with pytest.raises(DespliegueError, match=r"churn: its sample\.csv gave no version that may serve"):
        build(wanted)
    assert contents(out) == before
    assert [path.name for path in out.parent.iterdir()] == ["build"]


def test_a_damaged_version_is_named_and_leaves_the_build_before(
    wanted: BuildRequest, out: Path, publish: Publish, models: Path, tmp_path: Path
) -> None:
    build(wanted)
    before = contents(out)
    elsewhere = Registry(LocalStorage(tmp_path / "elsewhere"))
    bake(elsewhere, publish(elsewhere), models / "churn")
    (models / "churn" / "baked" / "model.onnx").write_bytes(b"other")
    with pytest.raises(DamagedVersionError, match=r"baked/model\.onnx differs"):
        build(wanted)
    assert contents(out) == before


def test_a_folder_that_no_build_has_written_is_never_replaced(wanted: BuildRequest, models: Path) -> None:
    before = contents(models)
    with pytest.raises(DespliegueError, match="was not written by a build: move it away"):
        build(replace(wanted, out=models))
    assert contents(models) == before


def test_an_empty_folder_may_be_built_into(wanted: BuildRequest, out: Path) -> None:
    out.mkdir(parents=True)
    build(wanted)
    assert (out / "build.json").is_file()


def test_a_full_disk_is_reported_and_leaves_the_build_before(wanted: BuildRequest, disk: Disk) -> None:
    wanted = replace(wanted, out=disk.path / "build")
    build(wanted)
    before = contents(wanted.out)
    disk.fill()
    with pytest.raises(DiskError, match="free some space"):
        build(wanted)
    assert contents(wanted.out) == before


def test_every_user_may_read_what_was_built(wanted: BuildRequest, out: Path) -> None:
    build(wanted)
    modes = {path.stat().st_mode & 0o777 for path in (out, *out.rglob("*")) if path.is_dir()}
    assert modes == {0o755}
    assert {path.stat().st_mode & 0o777 for path in out.rglob("*") if path.is_file()} == {0o644}


def test_a_version_comes_from_the_build_into_a_registry_with_its_rows(
    wanted: BuildRequest, out: Path, tmp_path: Path
) -> None:
    built: Build = build(wanted)
    registry = Registry(LocalStorage(tmp_path / "registry"))
    for name in built.models:
        import_version(registry, name, out / "versions" / name)
    imported = registry.manifest("churn", 1)
    assert imported.data is not None
    assert training_data.load(registry.storage, imported.data.digest) == TABLE
