"""One thread: the trainings of these tests are too small for more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.model_export.question_answering.tiny import write_checkpoint


@pytest.fixture(scope="session")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny checkpoint. Read only."""
    return _base(tmp_path_factory, "bert")


@pytest.fixture(scope="session")
def longformer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _base(tmp_path_factory, "longformer")


def _base(tmp_path_factory: pytest.TempPathFactory, family: str) -> Path:
    torch = pytest.importorskip("torch", reason="fine-tuning needs torch, which this environment lacks")
    pytest.importorskip("accelerate", reason="fine-tuning needs accelerate, which this environment lacks")
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("bases") / family
    write_checkpoint(folder, family, initializer_range=0.02)
    return folder
