"""Memory of the predict functions and of the importer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from functions.core.definition import Definition, FunctionSettings
from functions.core.local_storage import LocalStorage
from functions.core.manifest import Artifact, Manifest
from functions.core.model_folder import load_definition
from functions.core.registry import Registry
from functions.core.tasks import Task
from functions.core.version_folder import bake
from infra.memory import every_model_memory_mb, memory_mb

MIB = 2**20


@pytest.fixture
def define(tmp_path: Path, publish: Callable[..., Manifest]) -> Callable[..., Definition]:
    """A definition of a question-answering model, with a baked version of so many MiB, or none."""
    registry = Registry(LocalStorage(tmp_path / "registry"))
    manifest = publish(registry)

    def define(size_mb: int | None, *, task: Task = "question-answering") -> Definition:
        folder = tmp_path / "churn"
        folder.mkdir()
        (folder / "model.toml").write_text('name = "churn"\ntask = "question-answering"\n', encoding="utf-8")
        (folder / "examples.json").write_text('[{"question": "Who?", "context": "Me."}]', encoding="utf-8")
        if size_mb is not None:
            bake(registry, manifest, folder)
            large = replace(manifest, artifacts={"model.onnx": Artifact("0" * 64, size_mb * MIB)})
            (folder / "baked" / "manifest.json").write_bytes(large.to_json())
        return replace(load_definition(folder), task=task)

    return define


def memory(definition: Definition) -> int:
    return memory_mb(definition, definition.folder / "baked")


@pytest.mark.parametrize(("size_mb", "expected"), [(None, 1769), (12, 1769), (592, 3200), (20_000, 10_240)])
def test_question_answering_gets_it_by_the_size_of_its_graph(
    define: Callable[..., Definition], size_mb: int | None, expected: int
) -> None:
    assert memory(define(size_mb)) == expected


def test_other_tasks_need_little(define: Callable[..., Definition]) -> None:
    assert memory(define(None, task="tabular-regression")) == 1024


def test_the_importer_can_open_every_version_that_is_served(define: Callable[..., Definition]) -> None:
    large = define(592)
    definitions = {"baked": large, "small": replace(large, task="tabular-regression")}
    assert every_model_memory_mb(definitions, large.folder, least_mb=3008) == memory(large) == 3200
    assert every_model_memory_mb(definitions, large.folder, least_mb=4096) == 4096
    assert every_model_memory_mb({}, large.folder, least_mb=3008) == 3008


def test_memory_in_model_toml_comes_first(define: Callable[..., Definition]) -> None:
    assert memory(replace(define(592), function=FunctionSettings(memory_mb=4096))) == 4096
