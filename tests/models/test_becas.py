"""The question-answering sample: its version comes with the folder, and answers plain questions."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.core.definition import Definition
from functions.core.local_storage import LocalStorage
from functions.core.model_folder import load_definition
from functions.core.registry import Registry
from functions.core.version_folder import BAKED, import_version, read_version
from functions.serving.version import LoadedVersion

LARGEST_BYTES = 48_000_000


@pytest.fixture(scope="module")
def definition(root: Path) -> Definition:
    return load_definition(root / "models" / "becas")


@pytest.fixture(scope="module")
def becas(definition: Definition, tmp_path_factory: pytest.TempPathFactory) -> LoadedVersion:
    registry = Registry(LocalStorage(tmp_path_factory.mktemp("registry")))
    manifest = import_version(registry, "becas", definition.folder / BAKED)
    return LoadedVersion.load(registry, "becas", manifest.version)


def test_it_is_small_enough_to_come_with_the_repository(definition: Definition) -> None:
    size_bytes = sum(path.stat().st_size for path in definition.folder.rglob("*") if path.is_file())
    assert size_bytes <= LARGEST_BYTES


def test_it_was_proven_and_measured(definition: Definition) -> None:
    manifest = read_version(definition.folder / BAKED, "becas")
    assert manifest.task == "question-answering"
    assert manifest.parity["max_absolute_difference"] <= 1e-4
    assert {"exact", "f1"} <= manifest.metrics.keys()


def test_its_example_is_answered_with_a_part_of_its_text(definition: Definition, becas: LoadedVersion) -> None:
    example = definition.examples[0]
    (answer,) = becas.predict(becas.validate([dict(example)])).predictions
    assert isinstance(answer, dict)
    assert answer["answer"] == str(example["context"])[answer["start"] : answer["end"]]
