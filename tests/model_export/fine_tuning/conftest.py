"""Tiny checkpoints to start from, and one whole run; all train in one thread, as they are too small for more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.model_export.checkpoints.tiny import write_checkpoint
from tests.model_export.fine_tuning.small import KILLED, train


@pytest.fixture(scope="session")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny checkpoint. Read only."""
    return _base(tmp_path_factory, "bert")


@pytest.fixture(scope="session")
def longformer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _base(tmp_path_factory, "longformer")


@pytest.fixture(scope="session")
def whole(bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nothing stopped, with an evaluation after each epoch. Read only."""
    out = tmp_path_factory.mktemp("whole") / "out"
    train(bert, out, **KILLED)
    return out


def _base(tmp_path_factory: pytest.TempPathFactory, family: str) -> Path:
    torch = pytest.importorskip("torch", reason="fine-tuning needs torch, which this environment lacks")
    for name in ("accelerate", "matplotlib"):
        pytest.importorskip(name, reason=f"fine-tuning needs {name}, which this environment lacks")
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("bases") / family
    write_checkpoint(folder, family, initializer_range=0.02)
    return folder
