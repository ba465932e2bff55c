"""Tiny checkpoints that label texts, written once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.model_export.question_answering.tiny import write_text_checkpoint

FilledOnce = Callable[[str, Callable[[Path], object]], Path]
TextFolders = Callable[..., Path]


@pytest.fixture(scope="session")
def text_folder(filled_once: FilledOnce) -> TextFolders:
    """The folder of a family's checkpoint that labels texts. Read only."""
    pytest.importorskip("torch", reason="exporting needs torch, which this environment lacks")
    pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")

    def make(family: str, problem: str = "single_label_classification") -> Path:
        def write(folder: Path) -> Any:
            write_text_checkpoint(folder / family, family, problem_type=problem)

        return filled_once(f"texts-{family}-{problem}", write) / family

    return make
