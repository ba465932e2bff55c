"""The tiny checkpoints, written once, and their exact graphs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.model_export.question_answering.tiny import write_checkpoint

if TYPE_CHECKING:
    from tests.model_export.question_answering.compared import Compared

Checkpoints = Callable[[str], Path]
FilledOnce = Callable[[str, Callable[[Path], object]], Path]


@dataclass(frozen=True, slots=True)
class Exported:
    checkpoint: Any
    graph: bytes


@pytest.fixture(scope="session")
def checkpoint(filled_once: FilledOnce) -> Checkpoints:
    """The folder of a family's checkpoint. Read only."""
    pytest.importorskip("torch", reason="exporting needs torch, which this environment lacks")
    pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")
    return lambda family: (
        filled_once(f"checkpoint-{family}", lambda folder: write_checkpoint(folder / family, family)) / family
    )


@pytest.fixture(scope="session")
def exported(checkpoint: Checkpoints, filled_once: FilledOnce) -> Callable[[str], Exported]:
    """A family's checkpoint, loaded, and its exact graph, made once."""
    from model_export.question_answering.checkpoints import load_checkpoint
    from model_export.question_answering.exporting import export_graph

    made: dict[str, Exported] = {}

    def make(family: str) -> Exported:
        if family not in made:
            loaded = load_checkpoint(checkpoint(family), trust_pickle=False)
            folder = filled_once(
                f"graph-{family}", lambda empty: (empty / "model.onnx").write_bytes(export_graph(loaded))
            )
            made[family] = Exported(loaded, (folder / "model.onnx").read_bytes())
        return made[family]

    return make


@pytest.fixture(scope="session")
def compared(exported: Callable[[str], Exported]) -> Callable[[str], Compared]:
    """A family's checkpoint and a session over its graph."""
    from tests.model_export.question_answering.compared import Compared

    made: dict[str, Compared] = {}

    def make(family: str) -> Compared:
        if family not in made:
            one = exported(family)
            made[family] = Compared(one.checkpoint, one.graph)
        return made[family]

    return make
