"""The tiny checkpoints, written once, and their exact graphs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.model_export.question_answering.tiny import write_checkpoint

Checkpoints = Callable[[str], Path]


@dataclass(frozen=True, slots=True)
class Exported:
    checkpoint: Any
    graph: bytes


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Checkpoints:
    """The folder of a family's checkpoint, made once. Read only."""
    pytest.importorskip("torch", reason="exporting needs torch, which this environment lacks")
    pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")
    root = tmp_path_factory.mktemp("checkpoints")

    def make(family: str) -> Path:
        folder = root / family
        if not folder.exists():
            write_checkpoint(folder, family)
        return folder

    return make


@pytest.fixture(scope="session")
def exported(checkpoint: Checkpoints) -> Callable[[str], Exported]:
    """A family's checkpoint, loaded, and its exact graph, made once."""
    from model_export.question_answering.checkpoints import load_checkpoint
    from model_export.question_answering.exporting import export_graph

    made: dict[str, Exported] = {}

    def make(family: str) -> Exported:
        if family not in made:
            loaded = load_checkpoint(checkpoint(family), trust_pickle=False)
            made[family] = Exported(loaded, export_graph(loaded))
        return made[family]

    return make
